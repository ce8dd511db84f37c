// The keys that the reader gave: for this tab only, and sent in headers only. A reader who signed in needs none.

import { isSignedIn, signOut } from './signin.js';

const names = { 'function-key': 'x-functions-key', 'admin-key': 'x-admin-key' };

export const keyHeaders = () => Object.fromEntries(
  Object.entries(names).map(([id, header]) => [header, sessionStorage.getItem(id)]).filter(([, key]) => key));

const byId = id => document.getElementById(id);

export function askForKeys() {
  for (const id of Object.keys(names)) byId(id).value = sessionStorage.getItem(id) ?? '';
  byId('keys-wrong').textContent = '';
  if (!byId('keys-dialog').open) byId('keys-dialog').showModal();
}

/** Shows on the button whether keys are needed. */
export const showAccess = () => { byId('keys-button').textContent = isSignedIn() ? 'Signed in' : 'Keys'; };

/** Makes the dialogs work. */
export function serveKeys(changed) {
  byId('keys-button').addEventListener('click', () => isSignedIn() ? byId('session-dialog').showModal() : askForKeys());
  byId('sign-out').addEventListener('click', async () => {
    await signOut();
    byId('session-dialog').close();
    changed();
  });
  byId('keys-cancel').addEventListener('click', () => byId('keys-dialog').close());
  byId('keys-form').addEventListener('submit', event => {
    event.preventDefault();
    const values = Object.keys(names).map(id => [id, byId(id).value.trim()]);
    if (values.some(([, value]) => !/^[\x20-\x7e]*$/.test(value))) {
      byId('keys-wrong').textContent = 'A key has letters, digits and signs of ASCII only.';
      return;
    }
    for (const [id, value] of values) value ? sessionStorage.setItem(id, value) : sessionStorage.removeItem(id);
    byId('keys-dialog').close();
    changed();
  });
}
