/** Making elements, and the two things every part of the page needs: icons and announcements. */
import { icon } from '../site/toast.js';

export { icon };

/** el('p', {class: 'x', onclick: f, 'aria-label': 'y', hidden: true}, 'text', node, …) */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

/** A button of the design system. */
export function button(label, { kind = '', iconName = null, onclick, ...rest } = {}) {
  return el('button', { type: 'button', class: `btn ${kind}`.trim(), onclick, ...rest },
    iconName ? icon(iconName, 's') : null, label);
}

/** The element of the template with data-slot="name". */
export const slot = (name) => document.querySelector(`[data-slot="${name}"]`);

let region = null;
let last = null;

/** Said by screen readers, politely; the same words twice are said twice. */
export function announce(text) {
  region ??= slot('announce');
  clearTimeout(last);
  region.textContent = '';
  last = setTimeout(() => { region.textContent = text; }, 60);
}

export const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
export const isMac = /mac|iphone|ipad/i.test(navigator.platform);
