// What goes by letter: proving an address, changing it, a forgotten password, and deleting the account.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, good, refused, sentTo, somebody } from './browser.mjs';
import { startPostOffice } from './post_office.mjs';

const BASE = process.env.MAIL_BASE_URL;
let office;

before(async () => {
  office = await startPostOffice(Number(process.env.MAIL_PORT));
});
after(() => office?.stop());

const browser = () => new Browser({ base: BASE, origin: new URL(BASE).origin });

test('an address is proven by a letter, once signed up', async () => {
  const [here, person] = [browser(), somebody()];
  good(await here.client.signUp.email({ ...person, callbackURL: '/app' }));
  const link = await office.link(person.email, '/api/auth/verify-email');
  assert.equal(sentTo(await here.visit(link)), '/app');
  assert.equal(good(await here.client.getSession()).user.emailVerified, true);
});

test('a forgotten password is replaced by who reads the letter', async () => {
  const [here, person] = [browser(), somebody()];
  good(await here.client.signUp.email(person));
  const asked = { email: person.email, redirectTo: '/reset-password' };
  const answer = good(await here.client.requestPasswordReset(asked));
  assert.equal(answer.status, true);
  // Nobody learns who has an account.
  assert.deepEqual(good(await here.client.requestPasswordReset({ ...asked, email: somebody().email })), answer);

  const link = await office.link(person.email, '/api/auth/reset-password/');
  const page = new URL(sentTo(await here.visit(link)), BASE);
  const token = page.searchParams.get('token');
  assert.equal(page.pathname, '/reset-password');
  refused(await here.client.resetPassword({ newPassword: 'short', token }), 400, 'PASSWORD_TOO_SHORT');
  assert.deepEqual(good(await here.client.resetPassword({ newPassword: 'a brand new password', token })), { status: true });
  refused(await here.client.resetPassword({ newPassword: 'and once more again', token }), 400, 'INVALID_TOKEN');
  refused(await browser().client.signIn.email(person), 401, 'INVALID_EMAIL_OR_PASSWORD');
  good(await browser().client.signIn.email({ ...person, password: 'a brand new password' }));
});

test('an address is changed by who reads the letter at the new one', async () => {
  const [here, person, next] = [browser(), somebody(), somebody().email];
  good(await here.client.signUp.email(person));
  assert.deepEqual(good(await here.client.changeEmail({ newEmail: next, callbackURL: '/app' })), { status: true });
  assert.equal(good(await here.client.getSession()).user.email, person.email);
  assert.equal(sentTo(await here.visit(await office.link(next, '/api/auth/verify-email'))), '/app');
  const { user } = good(await here.client.getSession());
  assert.deepEqual([user.email, user.emailVerified], [next, true]);
});

test('with mail, an account is deleted by letter', async () => {
  const [here, person] = [browser(), somebody()];
  good(await here.client.signUp.email(person));
  const asked = good(await here.client.deleteUser({ password: person.password, callbackURL: '/bye' }));
  assert.deepEqual(asked, { success: true, message: 'Verification email sent' });
  const link = await office.link(person.email, '/api/auth/delete-user/callback');
  // Only who is signed in as that person may follow it.
  assert.equal((await browser().visit(link)).status, 404);
  assert.equal(sentTo(await here.visit(link)), '/bye');
  refused(await browser().client.signIn.email(person), 401, 'INVALID_EMAIL_OR_PASSWORD');
});
