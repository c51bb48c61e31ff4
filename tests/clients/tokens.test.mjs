// Our JSON Web Tokens, checked by jose as a program of somebody else checks them: with nothing but our address.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createLocalJWKSet, createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { BASE, Browser, ORIGIN, good, refused, somebody } from './browser.mjs';

const browser = new Browser();
const person = somebody();
let user;

before(async () => {
  ({ user } = good(await browser.client.signUp.email(person)));
});

const check = async (token, keys) => (await jwtVerify(token, keys, { issuer: ORIGIN, audience: ORIGIN })).payload;

function checkClaims(claims) {
  assert.deepEqual([claims.sub, claims.id, claims.email, claims.name], [user.id, user.id, person.email, person.name]);
  assert.equal(claims.exp - claims.iat, 900);
}

test('a token is verified with the keys below our address', async () => {
  const { token } = good(await browser.client.token());
  checkClaims(await check(token, createRemoteJWKSet(new URL('/api/auth/jwks', BASE))));
});

test('every session comes with a token', async () => {
  good(await browser.client.getSession());
  const token = browser.last.headers.get('set-auth-jwt');
  const keys = good(await browser.client.jwks());
  checkClaims(await check(token, createLocalJWKSet(keys)));
  const { alg, kid, ...rest } = decodeProtectedHeader(token);
  assert.deepEqual([alg, rest], ['EdDSA', {}]);
  assert.ok(keys.keys.some((key) => key.kid === kid));
  assert.ok(keys.keys.every((key) => key.kid && key.kty && key.alg && !('d' in key)));
});

test('our own API takes the token', async () => {
  const { token } = good(await browser.client.token());
  const ask = (bearer) => fetch(`${BASE}/api/me/tasks`, { headers: { authorization: `Bearer ${bearer}` } });
  assert.equal((await ask(token)).status, 200);
  const [header, claims, signature] = token.split('.');
  const other = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(claims, 'base64url')), sub: 'somebody else' }));
  assert.equal((await ask([header, other.toString('base64url'), signature].join('.'))).status, 401);
});

test('nobody gets a token without a session', async () => {
  refused(await new Browser().client.token(), 401, 'UNAUTHORIZED');
});
