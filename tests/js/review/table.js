// The table of keys for docs/reviewing.md, from the registry: node tests/js/review/table.js prints it.
import { createKeymap } from '../../../static/js/review/keymap.js';

export function tableOfKeys() {
  const keymap = createKeymap();
  const lines = ['| what | keys | pedal or media key |', '| --- | --- | --- |'];
  for (const [group, rows] of keymap.rows()) {
    lines.push(`| **${group}** | | |`);
    for (const { ids, label } of rows) {
      const key = (text) => text.split(' + ').map((part) => `<kbd>${part}</kbd>`).join(' ');
      const texts = ids.length > 1 ? [`${key(keymap.hint(ids[0]))} – <kbd>${ids.length}</kbd>`] : keymap.texts(ids[0]).map(key);
      lines.push(`| ${label} | ${texts.join(' or ')} | ${ids.flatMap((id) => keymap.devices(id)).join(', ')} |`);
    }
  }
  return lines.join('\n');
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(tableOfKeys());
