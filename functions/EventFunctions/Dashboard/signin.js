// The link that signs in: its token, behind #, is exchanged once for a cookie of this host, which scripts cannot read. That
// there is one is remembered beside it.

const mark = 'signed-in';
const session = new URL('../../session', import.meta.url);
let isChecked = false;

export const isSignedIn = () => localStorage.getItem(mark) !== null;

export const forgetSignIn = () => localStorage.removeItem(mark);

/** Exchanges the token in the address, if it has one; answers with why that failed. */
export async function signIn() {
  const [, token] = location.hash.match(/^#token=(.*)$/s) ?? [];
  if (token === undefined) {
    // The cookie ends with the browser, or the host.
    if (!isChecked && isSignedIn() && (await send({}))?.ok === false) forgetSignIn();
    isChecked = true;
    return undefined;
  }
  history.replaceState(null, '', location.pathname + location.search);
  const answer = await send({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token }) });
  if (answer?.ok) {
    localStorage.setItem(mark, 'yes');
    sessionStorage.clear();
    return undefined;
  }
  if (answer?.status === 404) return 'This service has no links that sign in. Enter keys.';
  return await answer?.json().then(problem => problem.detail, () => undefined) ?? 'The service cannot be reached.';
}

export async function signOut() {
  await send({ method: 'DELETE' });
  forgetSignIn();
}

const send = options => fetch(session, { cache: 'no-store', credentials: 'same-origin', ...options }).catch(() => undefined);
