/**
 * Word-level comparison of texts: matching runs, a difference to show, a three-way merge to start
 * from. Pure; knows nothing of items, flags or the page.
 */

/** Beyond this many cells only the common beginning and end are matched: a text typed anew. */
const MAX_CELLS = 4_000_000;

/** Longest common subsequence of two arrays of strings, as ascending pairs [i, j]. */
export function matches(a, b) {
  const pairs = [];
  let head = 0;
  let endA = a.length;
  let endB = b.length;
  while (head < endA && head < endB && a[head] === b[head]) {
    pairs.push([head, head]);
    head += 1;
  }
  const tail = [];
  while (endA > head && endB > head && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
    tail.push([endA, endB]);
  }
  pairs.push(...middle(a, b, head, endA, endB));
  return pairs.concat(tail.reverse());
}

function middle(a, b, head, endA, endB) {
  const rows = endA - head;
  const cols = endB - head;
  if (!rows || !cols || rows * cols > MAX_CELLS) return [];
  const width = cols + 1;
  const best = new Uint32Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i -= 1) {
    for (let j = cols - 1; j >= 0; j -= 1) {
      best[i * width + j] = a[head + i] === b[head + j]
        ? best[(i + 1) * width + j + 1] + 1
        : Math.max(best[(i + 1) * width + j], best[i * width + j + 1]);
    }
  }
  const pairs = [];
  let i = 0;
  let j = 0;
  while (i < rows && j < cols) {
    if (a[head + i] === b[head + j]) {
      pairs.push([head + i, head + j]);
      i += 1;
      j += 1;
    } else if (best[(i + 1) * width + j] >= best[i * width + j + 1]) i += 1;
    else j += 1;
  }
  return pairs;
}

const words = (text) => text.split(/\s+/u).filter(Boolean);

/** [{kind: 'same'|'removed'|'added', text}] that turns `before` into `after`, by words. */
export function wordDiff(before, after) {
  const a = words(before);
  const b = words(after);
  const parts = [];
  const put = (kind, list) => {
    if (list.length) parts.push({ kind, text: list.join(' ') });
  };
  let i = 0;
  let j = 0;
  let same = [];
  for (const [x, y] of [...matches(a, b), [a.length, b.length]]) {
    if (x > i || y > j) {
      put('same', same);
      same = [];
      put('removed', a.slice(i, x));
      put('added', b.slice(j, y));
    }
    if (x < a.length) same.push(a[x]);
    i = x + 1;
    j = y + 1;
  }
  put('same', same);
  return parts;
}

/**
 * Three-way merge by words, as parts in order: {text} where nobody or only one changed something,
 * {mine, theirs, was} where both did: a person must choose.
 */
export function mergeParts(base, mine, theirs) {
  const o = words(base);
  const a = words(mine);
  const b = words(theirs);
  const inA = new Map(matches(o, a));
  const inB = new Map(matches(o, b));
  const out = [];
  const say = (text) => {
    if (!text) return;
    if (out.at(-1)?.text !== undefined) out.at(-1).text += ` ${text}`;
    else out.push({ text });
  };
  let i = 0;
  let x = 0;
  let y = 0;
  const settle = (nextI, nextX, nextY) => {
    const was = o.slice(i, nextI).join(' ');
    const left = a.slice(x, nextX).join(' ');
    const right = b.slice(y, nextY).join(' ');
    if (left === right || right === was) say(left);
    else if (left === was) say(right);
    else out.push({ mine: left, theirs: right, was });
  };
  for (let k = 0; k <= o.length; k += 1) {
    const end = k === o.length;
    if (!end && !(inA.has(k) && inB.has(k))) continue;
    const nextX = end ? a.length : inA.get(k);
    const nextY = end ? b.length : inB.get(k);
    settle(k, nextX, nextY);
    if (!end) say(o[k]);
    i = k + 1;
    x = nextX + 1;
    y = nextY + 1;
  }
  return out;
}

/**
 * Three-way merge by words. Returns {text, clean}; where both sides changed the same place clean is
 * false: a person must look. Two insertions in one place are both kept; of the same words changed
 * twice mine stand.
 */
export function merge(base, mine, theirs) {
  const parts = mergeParts(base, mine, theirs);
  const text = parts.map((p) => p.text ?? (p.was === '' ? `${p.theirs} ${p.mine}` : p.mine)).filter(Boolean).join(' ');
  return { text, clean: parts.every((p) => p.text !== undefined) };
}
