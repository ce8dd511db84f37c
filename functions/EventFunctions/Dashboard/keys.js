// The keys that the reader gave: for this tab only, and sent in headers only.

const names = { 'function-key': 'x-functions-key', 'admin-key': 'x-admin-key' };

export const keyHeaders = () => Object.fromEntries(
  Object.entries(names).map(([id, header]) => [header, sessionStorage.getItem(id)]).filter(([, key]) => key));

const byId = id => document.getElementById(id);

export function askForKeys() {
  for (const id of Object.keys(names)) byId(id).value = sessionStorage.getItem(id) ?? '';
  byId('keys-wrong').textContent = '';
  if (!byId('keys-dialog').open) byId('keys-dialog').showModal();
}

/** Makes the dialog work. */
export function serveKeys(changed) {
  byId('keys-button').addEventListener('click', askForKeys);
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
