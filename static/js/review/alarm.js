/** The bar at the foot of the page when saving needs a person: try again, log in, decide. */
import { button, el, icon, slot } from './dom.js';
import { plural } from './format.js';

/** on: {retry(), conflict()}. Returns show(status). */
export function createAlarm({ on }) {
  const box = slot('alarm');
  let shown = '';

  function text(status) {
    const changes = plural(status.unsaved, 'change');
    const { state } = status;
    if (state === 'stalled') {
      return [`The server could not be reached. ${changes} kept on this computer.`, ['Try again', on.retry]];
    }
    if (state === 'login') {
      return [`${status.reason ?? 'You have been signed out.'} ${changes} of yours kept on this computer; sign in again to save.`,
        ['I have signed in', on.retry]];
    }
    return null;
  }

  return (status) => {
    const found = text(status);
    const key = found ? found[0] : '';
    if (key === shown) return;
    shown = key;
    box.hidden = !found;
    if (!found) return;
    const [sentence, [label, act]] = found;
    box.replaceChildren(icon('warning'), el('span', { class: 'grow' }, sentence),
      status.state === 'login'
        ? el('a', { class: 'btn btn-s', href: `/accounts/login/?next=${encodeURIComponent(location.pathname)}`,
          target: '_blank', rel: 'noopener' }, 'Sign in') : null,
      button(label, { kind: 'btn-s btn-primary', onclick: act }));
  };
}
