// Real Better Auth on a database that our program has used: who still gets in, and do our sessions and keys hold.
// Started by the server's tests (way_back.rs) with everything it expects in WAY_BACK, as JSON.
import assert from 'node:assert/strict';
import { LibsqlDialect } from '@libsql/kysely-libsql';
import { betterAuth } from 'better-auth';
import { bearer, jwt } from 'better-auth/plugins';
import { createLocalJWKSet, jwtVerify } from 'jose';
import pg from 'pg';

const { database, secret, origin, signIns, cookies, keys } = JSON.parse(process.env.WAY_BACK);

const auth = betterAuth({
  baseURL: origin,
  secret,
  database: database.startsWith('postgres')
    ? new pg.Pool({ connectionString: database })
    : { dialect: new LibsqlDialect({ url: `file:${database}` }), type: 'sqlite' },
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  plugins: [jwt(), bearer()],
  telemetry: { enabled: false },
  logger: { disabled: true },
});

const ask = (path, init = {}) => auth.handler(new Request(`${origin}/api/auth${path}`, init));

for (const { email, password, opens } of signIns) {
  const answer = await ask('/sign-in/email', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ email, password }),
  });
  assert.equal(answer.status === 200, opens, `${email}: ${answer.status} ${await answer.text()}`);
}
for (const { cookie, id } of cookies) {
  const headers = { cookie };
  const session = await (await ask('/get-session', { headers })).json();
  assert.equal(session?.user.id, id);
  const { token } = await (await ask('/token', { headers })).json();
  const jwks = await (await ask('/jwks')).json();
  assert.deepEqual(jwks.keys.map((key) => key.kid).sort(), keys.toSorted());
  const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), { issuer: origin, audience: origin });
  assert.equal(payload.sub, id);
}
console.log(`${signIns.length} sign-ins and ${cookies.length} cookies are as expected`);
process.exit(0);
