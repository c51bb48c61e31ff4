// Signing in through others: as Google, whose ID token tells the address, and as a provider of the operator's choice.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { randomUUID } from 'node:crypto';
import { BASE, Browser, ID, ORIGIN, good, refused, sentTo, somebody } from './browser.mjs';
import { passThrough, startProvider } from './provider.mjs';

const PROVIDERS = [
  { id: 'google', issuer: process.env.GOOGLE_ISSUER, algorithm: 'RS256', inToken: true, scope: 'email profile openid' },
  { id: 'oidc', issuer: process.env.OIDC_ISSUER, algorithm: 'ES256', inToken: false, scope: 'openid email profile' },
];

for (const { id, issuer, algorithm, inToken, scope } of PROVIDERS) {
  describe(id, () => {
    let provider;

    before(async () => {
      const callback = `${ORIGIN}/api/auth/callback/${id}`;
      provider = await startProvider({ issuer, callback, algorithm, inToken });
    });
    after(() => provider?.stop());

    /** Somebody the provider knows. */
    function known(person = somebody(), verified = true) {
      const login = randomUUID();
      provider.people.set(login, { email: person.email, email_verified: verified, name: person.name, picture: 'https://example.org/p.png' });
      return { ...person, login };
    }

    /** From the button to the provider and back, as far as the address we are sent back to. */
    async function there(browser, person, more = {}) {
      const { url } = good(await browser.client.signIn.social({ provider: id, callbackURL: '/app', ...more }));
      return passThrough(browser, url, person.login);
    }

    const signIn = async (browser, person, more) => sentTo(await browser.visit(await there(browser, person, more)));

    test('the way there', async () => {
      const browser = new Browser();
      const { url, redirect } = good(await browser.client.signIn.social({ provider: id, callbackURL: '/app' }));
      assert.equal(redirect, true);
      assert.equal(browser.last.headers.get('location'), url);
      const query = new URL(url).searchParams;
      assert.equal(query.get('response_type'), 'code');
      assert.equal(query.get('scope'), scope);
      assert.equal(query.get('redirect_uri'), `${ORIGIN}/api/auth/callback/${id}`);
      assert.equal(query.get('code_challenge_method'), 'S256');
      assert.match(query.get('code_challenge'), /^[A-Za-z0-9_-]{43}$/);
      assert.match(query.get('state'), /^[A-Za-z0-9_-]{32}$/);
      assert.ok(query.get('nonce'));
      assert.match(browser.setCookies[0], /^(__Secure-)?better-auth\.state=.*; Max-Age=300; Path=\/; HttpOnly; (Secure; )?SameSite=Lax$/);

      const quiet = new Browser();
      const asked = { provider: id, disableRedirect: true, scopes: ['calendar'], loginHint: 'ann', additionalParams: { prompt: 'consent' } };
      const kept = good(await quiet.client.signIn.social(asked));
      assert.equal(kept.redirect, false);
      assert.equal(quiet.last.headers.get('location'), null);
      const more = new URL(kept.url).searchParams;
      assert.deepEqual([more.get('login_hint'), more.get('prompt')], ['ann', 'consent']);
      assert.equal(more.get('scope'), `${scope} calendar`);
      for (const name of ['state', 'nonce', 'redirect_uri', 'scope', 'code_challenge', 'client_id']) {
        const taken = { provider: id, additionalParams: { [name]: 'mine' } };
        refused(await new Browser().client.signIn.social(taken), 400, 'VALIDATION_ERROR');
      }
    });

    test('somebody new gets an account, and the same one the next time', async () => {
      const [browser, person] = [new Browser(), known()];
      assert.equal(await signIn(browser, person, { newUserCallbackURL: '/welcome' }), '/welcome');
      const { user, session } = good(await browser.client.getSession());
      assert.deepEqual([user.email, user.name, user.emailVerified, user.image], [person.email, person.name, true, 'https://example.org/p.png']);
      assert.match(session.token, ID);
      assert.deepEqual(browser.cookies, ['better-auth.session_token']);

      const [account, ...more] = good(await browser.client.listAccounts());
      assert.deepEqual([account.providerId, account.accountId, more], [id, person.login, []]);
      assert.deepEqual([...account.scopes].sort(), ['email', 'openid', 'profile']);

      const again = new Browser();
      assert.equal(await signIn(again, person, { newUserCallbackURL: '/welcome' }), '/app');
      assert.equal(good(await again.client.getSession()).user.id, user.id);
    });

    test('a proven address on both sides joins the accounts', async () => {
      const person = known();
      // Through the provider first, so that the address is proven here.
      const first = new Browser();
      await signIn(first, person);
      const { user } = good(await first.client.getSession());
      const other = known(person);
      const second = new Browser();
      assert.equal(await signIn(second, other), '/app');
      assert.equal(good(await second.client.getSession()).user.id, user.id);
      assert.equal(good(await second.client.listAccounts()).length, 2);
    });

    test('an address that is not proven on both sides joins nothing', async () => {
      const person = known();
      good(await new Browser().client.signUp.email(person));
      const browser = new Browser();
      assert.equal(await signIn(browser, person, { errorCallbackURL: '/oops?a=b' }), '/oops?a=b&error=account_not_linked');
      assert.equal(good(await browser.client.getSession()), null);

      const unproven = known(somebody(), false);
      const one = new Browser();
      await signIn(one, unproven);
      assert.equal(good(await one.client.getSession()).user.emailVerified, false);
      const stranger = known(unproven, true);
      const other = new Browser();
      assert.match(await signIn(other, stranger), /\/api\/auth\/error\?error=account_not_linked$/);
      assert.equal(good(await other.client.getSession()), null);
    });

    test('an account is connected by its owner and taken away again', async () => {
      const [browser, person] = [new Browser(), somebody()];
      good(await browser.client.signUp.email(person));
      const connect = async (who, more = {}) => {
        const { url } = good(await browser.client.linkSocial({ provider: id, callbackURL: '/settings', ...more }));
        return sentTo(await browser.visit(await passThrough(browser, url, who.login)));
      };
      const errorCallbackURL = '/settings';
      assert.equal(await connect(known(somebody()), { errorCallbackURL }), '/settings?error=email_does_not_match');

      // The provider would remember who signed in there.
      const mine = known(person);
      const fresh = new Browser();
      fresh.client = browser.client;
      const { url } = good(await browser.client.linkSocial({ provider: id, callbackURL: '/settings' }));
      const back = await passThrough(fresh, url, mine.login);
      assert.equal(sentTo(await browser.visit(back)), '/settings');
      const accounts = good(await browser.client.listAccounts());
      assert.deepEqual(accounts.map((one) => one.providerId).sort(), ['credential', id].sort());

      const other = new Browser();
      assert.equal(await signIn(other, mine), '/app');
      assert.equal(good(await other.client.getSession()).user.email, person.email);

      const linked = accounts.find((one) => one.providerId === id);
      assert.deepEqual(good(await browser.client.unlinkAccount({ accountId: linked.id })), { status: true });
      assert.equal(good(await browser.client.listAccounts()).length, 1);
    });

    test('the tokens are handed to their owner, and renewed', async () => {
      const [browser, person] = [new Browser(), known()];
      await signIn(browser, person);
      const [{ id: accountId }] = good(await browser.client.listAccounts());
      const access = good(await browser.client.getAccessToken({ accountId }));
      assert.ok(access.accessToken && access.idToken);
      assert.ok(access.accessTokenExpiresAt instanceof Date);
      assert.deepEqual([...access.scopes].sort(), ['email', 'openid', 'profile']);

      const fresh = good(await browser.client.refreshToken({ accountId }));
      assert.deepEqual([fresh.providerId, fresh.accountId], [id, accountId]);
      assert.ok(fresh.accessToken && fresh.refreshToken);
      assert.notEqual(fresh.accessToken, access.accessToken);
      assert.equal(good(await browser.client.getAccessToken({ accountId })).accessToken, fresh.accessToken);
      // As clients before 1.7 ask.
      assert.equal(good(await browser.client.getAccessToken({ providerId: id })).accessToken, fresh.accessToken);

      const info = good(await browser.client.accountInfo({ query: { accountId } }));
      assert.deepEqual(info.account, { id: accountId, providerId: id, accountId: person.login });
      assert.equal(info.data.sub, person.login);

      const stranger = new Browser();
      good(await stranger.client.signUp.email(somebody()));
      refused(await stranger.client.getAccessToken({ accountId }), 400, 'ACCOUNT_NOT_FOUND');
      const nobody = (await new Browser().client.getAccessToken({ accountId })).error;
      assert.deepEqual([nobody.status, nobody.code], [401, undefined]);
    });

    test('an ID token of the provider signs in by itself, when it tells an address', async () => {
      const [browser, person] = [new Browser(), known()];
      await signIn(browser, person);
      const [{ id: accountId }] = good(await browser.client.listAccounts());
      const { idToken: token } = good(await browser.client.getAccessToken({ accountId }));
      const tried = (idToken, who = new Browser()) => who.client.signIn.social({ provider: id, idToken });
      if (inToken) {
        const app = new Browser();
        const signed = good(await tried({ token }, app));
        assert.equal(signed.redirect, false);
        assert.equal(signed.user.email, person.email);
        assert.equal(good(await app.client.getSession()).session.token, signed.token);
      } else {
        refused(await tried({ token }), 401, 'USER_EMAIL_NOT_FOUND');
      }
      refused(await tried({ token, nonce: 'another' }), 401, 'INVALID_TOKEN');
      refused(await tried({ token: `${token.slice(0, -4)}AAAA` }), 401, 'INVALID_TOKEN');
      refused(await tried({ token: 'no.token.at-all' }), 401, 'INVALID_TOKEN');
    });

    test('the way back is open once, to this browser, with what it brought', async () => {
      const person = known();
      const browser = new Browser();
      const back = await there(browser, person, { errorCallbackURL: '/oops' });
      // Another browser, which has no cookie, is refused and uses nothing up.
      assert.equal(sentTo(await new Browser().visit(back)), '/oops?error=state_mismatch');
      const other = new URL(back);
      other.pathname = `/api/auth/callback/${id === 'google' ? 'oidc' : 'google'}`;
      const forged = new URL(back);
      forged.searchParams.set('state', 'x'.repeat(32));
      assert.match(sentTo(await browser.visit(forged.href)), /\/api\/auth\/error\?error=state_mismatch$/);
      assert.equal(sentTo(await browser.visit(back)), '/app');
      assert.match(sentTo(await browser.visit(back)), /error=state_mismatch$/);

      const mixed = new Browser();
      const crossed = new URL(await there(mixed, person, { errorCallbackURL: '/oops' }));
      crossed.pathname = other.pathname;
      assert.match(sentTo(await mixed.visit(crossed.href)), /^\/oops\?error=/);
      assert.equal(good(await mixed.client.getSession()), null);

      const misled = new Browser();
      const named = new URL(await there(misled, person, { errorCallbackURL: '/oops' }));
      named.searchParams.set('iss', 'https://evil.example');
      assert.equal(sentTo(await misled.visit(named.href)), '/oops?error=issuer_mismatch');
    });

    test('a code belongs to the sign-in that asked for it', async () => {
      const [ann, bob] = [new Browser(), new Browser()];
      const stolen = new URL(await there(ann, known(), { errorCallbackURL: '/oops' }));
      const own = new URL(await there(bob, known(), { errorCallbackURL: '/oops' }));
      own.searchParams.set('code', stolen.searchParams.get('code'));
      // Bob's verifier is not the one that code was asked for with, and the provider says so.
      assert.equal(sentTo(await bob.visit(own.href)), '/oops?error=invalid_code');
      assert.equal(good(await bob.client.getSession()), null);
    });

    test('whoever changes their mind is told so', async () => {
      const browser = new Browser();
      const { url } = good(await browser.client.signIn.social({ provider: id, callbackURL: '/app', errorCallbackURL: '/oops' }));
      const query = new URLSearchParams({ error: 'access_denied', error_description: 'no, thanks', state: new URL(url).searchParams.get('state') });
      const back = `${BASE}/api/auth/callback/${id}?${query}`;
      assert.match(sentTo(await browser.visit(back)), /^\/oops\?error=access_denied&error_description=no(%20|\+)?(,|%2C)(%20|\+)thanks$/);
      assert.ok(!browser.cookies.includes('better-auth.state'));
    });

    test('a form that comes back is handed on as a query', async () => {
      const browser = new Browser();
      const back = await browser.submit(`${BASE}/api/auth/callback/${id}`, { code: 'c d', state: 's', other: 'x' });
      assert.match(sentTo(back), new RegExp(`/api/auth/callback/${id}\\?code=c(%20|\\+)d&state=s$`));
      assert.match(sentTo(await browser.visit(`${BASE}/api/auth/callback/${id}?code=c`)), /error=state_not_found$/);
    });
  });
}

test('a provider nobody configured is not there', async () => {
  refused(await new Browser().client.signIn.social({ provider: 'no-such-provider' }), 404, 'PROVIDER_NOT_FOUND');
});

test('no target leads to another site', async () => {
  const codes = { callbackURL: 'CALLBACK', errorCallbackURL: 'ERROR_CALLBACK', newUserCallbackURL: 'NEW_USER_CALLBACK' };
  for (const [field, code] of Object.entries(codes)) {
    for (const target of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', `${ORIGIN}@evil.example`]) {
      const asked = { provider: 'google', [field]: target };
      refused(await new Browser().client.signIn.social(asked), 403, `INVALID_${code}_URL`);
    }
  }
});
