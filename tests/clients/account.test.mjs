// The whole life of an account with a password, from sign-up to delete, through Better Auth's unmodified client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthClient } from 'better-auth/client';
import { BASE, Browser, ID, good, refused, somebody } from './browser.mjs';

const DAY = 86_400_000;
const MINUTE = 60_000;

function checkUser(user, person) {
  const names = ['createdAt', 'email', 'emailVerified', 'id', 'image', 'name', 'updatedAt'];
  assert.deepEqual(Object.keys(user).sort(), names);
  assert.match(user.id, ID);
  assert.deepEqual([user.name, user.email, user.emailVerified, user.image], [person.name, person.email, false, null]);
  // The client makes dates of texts that have exactly JavaScript's form.
  assert.ok(user.createdAt instanceof Date && user.updatedAt instanceof Date);
}

const near = (date, milliseconds) => Math.abs(date - Date.now() - milliseconds) < MINUTE;
const attributes = String.raw`Path=\/; HttpOnly; (Secure; )?SameSite=Lax$`;
const sessionCookie = (lines) => lines.find((line) => /^(__Secure-)?better-auth\.session_token=/.test(line));

test('the server is there', async () => {
  assert.deepEqual(good(await new Browser().client.$fetch('/ok')), { ok: true });
});

test('signing up begins a session', async () => {
  const [browser, person] = [new Browser(), somebody()];
  const { user, token } = good(await browser.client.signUp.email({ ...person, email: person.email.toUpperCase() }));
  checkUser(user, person);
  assert.match(token, ID);
  const line = new RegExp(String.raw`=${token}\.[A-Za-z0-9%]+; Max-Age=604800; ${attributes}`);
  assert.match(sessionCookie(browser.setCookies), line);

  const { session, user: again } = good(await browser.client.getSession());
  checkUser(again, person);
  assert.equal(browser.last.headers.get('cache-control'), 'no-store');
  const names = ['createdAt', 'expiresAt', 'id', 'ipAddress', 'token', 'updatedAt', 'userAgent', 'userId'];
  assert.deepEqual(Object.keys(session).sort(), names);
  assert.deepEqual([session.token, session.userId], [token, user.id]);
  assert.ok(near(session.expiresAt, 7 * DAY), String(session.expiresAt));

  assert.deepEqual(good(await browser.client.signOut()), { success: true });
  assert.deepEqual(browser.cookies, []);
  assert.equal(good(await browser.client.getSession()), null);
});

test('signing up is refused with a reason', async () => {
  const person = somebody();
  good(await new Browser().client.signUp.email(person));
  const tried = async (changes) => new Browser().client.signUp.email({ ...somebody(), ...changes });
  refused(await tried({ email: person.email }), 422, 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL');
  refused(await tried({ password: '1234567' }), 400, 'PASSWORD_TOO_SHORT');
  refused(await tried({ password: 'x'.repeat(129) }), 400, 'PASSWORD_TOO_LONG');
  refused(await tried({ email: 'no address' }), 400, 'VALIDATION_ERROR');
  refused(await tried({ name: undefined }), 400, 'VALIDATION_ERROR');
});

test('signing in, remembered or not, and on to somewhere', async () => {
  const person = somebody();
  const { email, password } = person;
  good(await new Browser().client.signUp.email(person));
  const wrong = { email, password: 'not that one' };
  refused(await new Browser().client.signIn.email(wrong), 401, 'INVALID_EMAIL_OR_PASSWORD');
  const nobody = { email: somebody().email, password };
  refused(await new Browser().client.signIn.email(nobody), 401, 'INVALID_EMAIL_OR_PASSWORD');

  const brief = new Browser();
  const signed = good(await brief.client.signIn.email({ email, password, rememberMe: false }));
  checkUser(signed.user, person);
  assert.equal(signed.redirect, false);
  assert.doesNotMatch(sessionCookie(brief.setCookies), /Max-Age/);
  assert.ok(brief.setCookies.some((line) => /better-auth\.dont_remember=true\./.test(line)));
  assert.ok(near(good(await brief.client.getSession()).session.expiresAt, DAY));

  const going = new Browser();
  const there = good(await going.client.signIn.email({ email, password, callbackURL: '/app?tab=1' }));
  assert.deepEqual([there.redirect, there.url], [true, '/app?tab=1']);
  assert.equal(going.last.headers.get('location'), '/app?tab=1');
});

test('sessions are listed and ended', async () => {
  const person = somebody();
  const [here, there, elsewhere] = [new Browser(), new Browser(), new Browser()];
  good(await here.client.signUp.email(person));
  const { token } = good(await there.client.signIn.email(person));
  good(await elsewhere.client.signIn.email(person));

  const list = good(await here.client.listSessions());
  assert.equal(list.length, 3);
  assert.ok(list.every((one) => one.expiresAt instanceof Date && ID.test(one.token)));

  assert.deepEqual(good(await here.client.revokeSession({ token })), { status: true });
  assert.equal(good(await there.client.getSession()), null);
  assert.deepEqual(there.cookies, []);
  assert.deepEqual(good(await here.client.revokeSession({ token: 'nobody has it' })), { status: true });

  assert.deepEqual(good(await here.client.revokeOtherSessions()), { status: true });
  assert.equal(good(await elsewhere.client.getSession()), null);
  assert.equal(good(await here.client.getSession()).user.email, person.email);

  assert.deepEqual(good(await here.client.revokeSessions()), { status: true });
  assert.deepEqual(here.cookies, []);
  refused(await here.client.listSessions(), 401, 'UNAUTHORIZED');
});

test('somebody elses session cannot be ended', async () => {
  const [ann, bob] = [new Browser(), new Browser()];
  good(await ann.client.signUp.email(somebody()));
  const { token } = good(await bob.client.signUp.email(somebody()));
  assert.deepEqual(good(await ann.client.revokeSession({ token })), { status: true });
  assert.notEqual(good(await bob.client.getSession()), null);
});

test('name and picture are changed', async () => {
  const [browser, person] = [new Browser(), somebody()];
  good(await browser.client.signUp.email(person));
  const change = { name: 'Another Name', image: 'https://example.org/me.png' };
  assert.deepEqual(good(await browser.client.updateUser(change)), { status: true });
  const { user } = good(await browser.client.getSession());
  assert.deepEqual([user.name, user.image], [change.name, change.image]);
  good(await browser.client.updateUser({ image: null }));
  assert.equal(good(await browser.client.getSession()).user.image, null);
  refused(await browser.client.updateUser({ email: 'a@example.org' }), 400, 'EMAIL_CAN_NOT_BE_UPDATED');
  // Without a field the client takes it for a GET, which is not there.
  assert.equal((await browser.client.updateUser({})).error.status, 404);
});

test('the password is changed by who knows it', async () => {
  const [browser, other, person] = [new Browser(), new Browser(), somebody()];
  const { token } = good(await browser.client.signUp.email(person));
  good(await other.client.signIn.email(person));
  const change = (currentPassword, newPassword, revokeOtherSessions) =>
    browser.client.changePassword({ currentPassword, newPassword, revokeOtherSessions });
  refused(await change('not that one', 'another good one'), 400, 'INVALID_PASSWORD');
  refused(await change(person.password, 'short'), 400, 'PASSWORD_TOO_SHORT');

  const kept = good(await change(person.password, 'another good one'));
  assert.equal(kept.token, null);
  assert.equal(kept.user.email, person.email);
  assert.notEqual(good(await other.client.getSession()), null);

  const fresh = good(await change('another good one', person.password, true));
  assert.match(fresh.token, ID);
  assert.notEqual(fresh.token, token);
  assert.equal(good(await browser.client.getSession()).session.token, fresh.token);
  assert.equal(good(await other.client.getSession()), null);
});

test('the password is one of the ways to sign in, and the last one stays', async () => {
  const browser = new Browser();
  const { user } = good(await browser.client.signUp.email(somebody()));
  const [account, ...more] = good(await browser.client.listAccounts());
  assert.deepEqual(more, []);
  const { providerId, accountId, userId, scopes } = account;
  assert.deepEqual({ providerId, accountId, userId, scopes }, { providerId: 'credential', accountId: user.id, userId: user.id, scopes: [] });
  for (const secret of ['password', 'accessToken', 'refreshToken', 'idToken']) assert.ok(!(secret in account), secret);
  refused(await browser.client.unlinkAccount({ accountId: account.id }), 400, 'FAILED_TO_UNLINK_LAST_ACCOUNT');
  refused(await browser.client.getAccessToken({ accountId: account.id }), 400, 'PROVIDER_NOT_SUPPORTED');
});

test('a session token is as good as its cookie, bare or signed', async () => {
  const [browser, person] = [new Browser(), somebody()];
  const { token } = good(await browser.client.signUp.email(person));
  const signed = browser.last.headers.get('set-auth-token');
  assert.ok(signed.startsWith(`${token}.`), signed);
  const bearer = (text) => createAuthClient({ baseURL: BASE, fetchOptions: { auth: { type: 'Bearer', token: text } } });
  for (const form of [token, signed, encodeURIComponent(signed)]) {
    assert.equal(good(await bearer(form).getSession()).user.email, person.email);
    assert.deepEqual(good(await bearer(form).updateUser({ name: 'By a program' })), { status: true });
  }
  assert.equal(good(await bearer(`${token}.AAAA`).getSession()), null);
  assert.equal(good(await bearer('x'.repeat(32)).getSession()), null);
});

test('other sites can neither act nor be led to', async () => {
  const person = somebody();
  const evil = 'https://evil.example';
  refused(await new Browser({ origin: evil }).client.signUp.email(person), 403, 'INVALID_ORIGIN');
  refused(await new Browser({ origin: null }).client.signUp.email(person), 403, 'MISSING_OR_NULL_ORIGIN');
  for (const callbackURL of [`${evil}/x`, '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/%2Fevil.example']) {
    refused(await new Browser().client.signIn.email({ ...person, callbackURL }), 403, 'INVALID_CALLBACK_URL');
  }
  const headers = { cookie: 'any=cookie', origin: evil, 'content-type': 'application/json' };
  const answer = await fetch(`${BASE}/api/auth/sign-out`, { method: 'POST', headers, body: '{}' });
  assert.deepEqual([answer.status, (await answer.json()).code], [403, 'INVALID_ORIGIN']);
});

test('an account is deleted with its password, and gone', async () => {
  const [browser, other, person] = [new Browser(), new Browser(), somebody()];
  good(await browser.client.signUp.email(person));
  good(await other.client.signIn.email(person));
  refused(await browser.client.deleteUser({ password: 'not that one' }), 400, 'INVALID_PASSWORD');
  const gone = { success: true, message: 'User deleted' };
  assert.deepEqual(good(await browser.client.deleteUser({ password: person.password })), gone);
  assert.deepEqual(browser.cookies, []);
  assert.equal(good(await other.client.getSession()), null);
  refused(await new Browser().client.signIn.email(person), 401, 'INVALID_EMAIL_OR_PASSWORD');
  // The address is free again.
  good(await new Browser().client.signUp.email(person));
});
