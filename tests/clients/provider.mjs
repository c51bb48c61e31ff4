// A real OpenID Connect provider, made by others, on loopback: with PKCE, client secrets, login and consent pages, and
// keys of its own. Only who its people are is ours.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import Provider from 'oidc-provider';

const jwk = (key, more) => ({ ...key.export({ format: 'jwk' }), use: 'sig', kid: randomUUID(), ...more });

/** The secret the server under test is configured with. */
export const CLIENT = { id: 'todo-chatbot', secret: 'a secret between the server and the provider' };

/**
 * Starts a provider that answers at `issuer`. `inToken` says whether addresses stand in the ID token, as Google's do, or
 * only where the access token opens the door.
 */
export async function startProvider({ issuer, callback, algorithm, inToken }) {
  const people = new Map();
  const keys = [
    jwk(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, { alg: 'RS256' }),
    jwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, { alg: 'ES256' }),
    jwk(generateKeyPairSync('ed25519').privateKey, { alg: 'EdDSA' }),
  ];
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [callback],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: algorithm,
      },
    ],
    findAccount: (_ctx, login) => ({ accountId: login, claims: () => ({ sub: login, ...people.get(login) }) }),
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'picture'] },
    conformIdTokenClaims: !inToken,
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'] },
    pkce: { methods: ['S256'], required: () => true },
    issueRefreshToken: () => true,
    jwks: { keys },
    cookies: { keys: [randomUUID()] },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, RefreshToken: 600, Session: 600 },
  });
  const { hostname, port } = new URL(issuer);
  const server = provider.listen(Number(port), hostname);
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return {
    people,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

/** The first form of a page: where it goes and what is filled in already. */
function form(html, page) {
  const [, action] = html.match(/<form[^>]*\saction="([^"]+)"/) ?? [];
  if (!action) throw new Error(`no form at ${page}: ${html.slice(0, 400)}`);
  const fields = {};
  for (const [input] of html.matchAll(/<input[^>]*>/g)) {
    const attribute = (name) => input.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1];
    if (attribute('name')) fields[attribute('name')] = attribute('value') ?? '';
  }
  return { action: new URL(action, page).href, fields };
}

/** Goes through a provider's pages as a person does; answers the address it sends the browser back to. */
export async function passThrough(browser, address, login) {
  const provider = new URL(address).origin;
  let response = await browser.visit(address);
  for (let step = 0; step < 12; step += 1) {
    const location = response.headers.get('location');
    if (location) {
      address = new URL(location, address).href;
      if (new URL(address).origin !== provider) return address;
      response = await browser.visit(address);
      continue;
    }
    const html = await response.text();
    if (response.status !== 200) throw new Error(`${address} answers ${response.status}: ${html.slice(0, 400)}`);
    const { action, fields } = form(html, address);
    if ('login' in fields) Object.assign(fields, { login, password: 'anything' });
    address = action;
    response = await browser.submit(action, fields);
  }
  throw new Error('the provider asks for ever');
}
