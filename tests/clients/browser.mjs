// What a browser adds to Better Auth's client when it runs in Node: cookies, an Origin, and pages that are visited.
import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import { createAuthClient } from 'better-auth/client';
import { jwtClient } from 'better-auth/client/plugins';

/** The server under test. */
export const BASE = process.env.BASE_URL ?? 'http://127.0.0.1:8080';
export const ORIGIN = new URL(BASE).origin;
/** The ids and session tokens Better Auth makes. */
export const ID = /^[A-Za-z0-9]{32}$/;

/** Cookies by origin. Enough of RFC 6265 for servers that set them for `/` or for a path of their own. */
class Jar {
  #cookies = new Map();

  take(url, response) {
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(';').map((part) => part.trim());
      const at = pair.indexOf('=');
      const attribute = (name) => attributes.find((a) => a.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
      const key = `${url.origin} ${pair.slice(0, at)} ${attribute('path') ?? '/'}`;
      const gone = attribute('max-age') === '0' || Date.parse(attribute('expires') ?? '') <= Date.now();
      if (gone) this.#cookies.delete(key);
      else this.#cookies.set(key, { name: pair.slice(0, at), value: pair.slice(at + 1), origin: url.origin, path: attribute('path') ?? '/' });
    }
  }

  header(url) {
    const mine = [...this.#cookies.values()].filter((c) => c.origin === url.origin && url.pathname.startsWith(c.path));
    return mine.map((c) => `${c.name}=${c.value}`).join('; ');
  }

  names(origin) {
    return [...this.#cookies.values()].filter((c) => c.origin === origin).map((c) => c.name);
  }
}

/** One browser: a cookie jar, Better Auth's unmodified client in it, and an address bar. */
export class Browser {
  jar = new Jar();
  /** The last answer the client got. */
  last = null;

  constructor({ origin = ORIGIN, base = BASE } = {}) {
    // An address of its own, so that one browser's tries are not counted as another's.
    const from = `198.51.100.${randomInt(1, 255)}`;
    const customFetchImpl = async (input, init = {}) => {
      const headers = new Headers(init.headers);
      if (origin) headers.set('origin', origin);
      headers.set('x-forwarded-for', from);
      this.last = await this.#send(new URL(input), { ...init, headers });
      return this.last;
    };
    this.client = createAuthClient({ baseURL: base, plugins: [jwtClient()], fetchOptions: { customFetchImpl } });
  }

  async #send(url, init) {
    const headers = new Headers(init.headers);
    const cookies = this.jar.header(url);
    if (cookies) headers.set('cookie', cookies);
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    this.jar.take(url, response);
    return response;
  }

  /** Opens an address as a link does; redirects are answers. */
  visit(address) {
    return this.#send(new URL(address), { headers: { accept: 'text/html' } });
  }

  /** Sends a form as a page does. */
  submit(address, fields) {
    const url = new URL(address);
    return this.#send(url, { method: 'POST', headers: { origin: url.origin }, body: new URLSearchParams(fields) });
  }

  /** The names of the cookies our server has set. */
  get cookies() {
    return this.jar.names(ORIGIN);
  }

  /** The `Set-Cookie` lines of the client's last answer. */
  get setCookies() {
    return this.last.headers.getSetCookie();
  }
}

/** Somebody nobody has heard of. */
export function somebody() {
  return { name: 'Ann Example', email: `ann-${randomUUID()}@example.org`, password: 'a long enough password' };
}

/** A call that went well: its data. */
export function good({ data, error }) {
  assert.equal(error, null, `refused: ${JSON.stringify(error)}`);
  return data;
}

/** A call that was refused with that status and code. */
export function refused({ data, error }, status, code) {
  assert.equal(data, null, `went through: ${JSON.stringify(data)}`);
  assert.equal(error.status, status, JSON.stringify(error));
  assert.equal(error.code, code, JSON.stringify(error));
  assert.equal(typeof error.message, 'string');
}

/** Where an answer sends the browser. */
export function sentTo(response) {
  assert.equal(response.status, 302, `${response.url}: ${response.status}`);
  return response.headers.get('location');
}
