// A person with an account, and the browser a program sends to the consent page.
import assert from 'node:assert/strict';

export const BASE = process.env.BASE_URL;
export const CALLBACK = 'http://127.0.0.1:33418/callback';
const origin = { origin: BASE };
const json = { 'content-type': 'application/json', ...origin };
let count = 0;

/** Somebody new, signed in. */
export async function person() {
  count += 1;
  const email = `mia-${process.pid}-${count}-${Date.now()}@example.org`;
  const body = JSON.stringify({ name: 'Mia', email, password: 'correct horse battery' });
  const signed = await fetch(`${BASE}/api/auth/sign-up/email`, { method: 'POST', headers: json, body });
  assert.equal(signed.status, 200);
  const cookie = signed.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
  return new Person(email, cookie);
}

class Person {
  constructor(email, cookie) {
    this.email = email;
    this.cookie = cookie;
  }

  async ask(method, path, wish) {
    const body = wish === undefined ? undefined : JSON.stringify(wish);
    const answer = await fetch(`${BASE}${path}`, { method, headers: { ...json, cookie: this.cookie }, body });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.status === 204 ? undefined : answer.json();
  }

  /** An API token with those scopes. */
  async token(scopes) {
    return (await this.ask('POST', '/api/me/tokens', { name: 'SDK', scopes })).token;
  }

  /** Looks at the question behind an address and answers it: where the browser is sent. */
  async answers(address, decision) {
    const headers = { cookie: this.cookie };
    const page = await fetch(address, { headers, redirect: 'manual' });
    assert.equal(page.status, 200, `${address}: ${page.headers.get('location')}`);
    const text = await page.text();
    assert.ok(text.includes(this.email), text);
    const request = text.match(/name="request" value="([^"]+)"/)[1];
    const form = new URLSearchParams({ request, decision });
    const answered = await fetch(`${BASE}/oauth/consent`, {
      method: 'POST', body: form, headers: { ...headers, ...origin }, redirect: 'manual',
    });
    assert.equal(answered.status, 303);
    return new URL(answered.headers.get('location'));
  }

  /** The parameters a program is sent back with. */
  async consents(address, decision = 'allow') {
    const back = await this.answers(address, decision);
    assert.equal(`${back.origin}${back.pathname}`, CALLBACK);
    return back.searchParams;
  }
}
