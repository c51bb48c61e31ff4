// The TypeScript SDK signs in by itself: it finds our authorization server, registers, sends the person's browser to the
// consent page, exchanges the code, and refreshes when a token no longer opens anything.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { BASE, CALLBACK, person } from './person.mjs';

/** What the SDK asks of a program: where to keep things, and how to open a browser. */
class Keeper {
  redirectUrl = CALLBACK;
  clientMetadata = {
    client_name: 'SDK', redirect_uris: [CALLBACK], grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'], token_endpoint_auth_method: 'none',
  };

  constructor(metadata = {}) {
    Object.assign(this.clientMetadata, metadata);
  }

  state() { return 'a state'; }
  clientInformation() { return this.client; }
  saveClientInformation(client) { this.client = client; }
  tokens() { return this.held; }
  saveTokens(tokens) { this.held = tokens; }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  codeVerifier() { return this.verifier; }
  redirectToAuthorization(address) { this.asked = address; }
  invalidateCredentials(which) {
    if (which === 'tokens' || which === 'all') this.held = undefined;
    if (which === 'client' || which === 'all') this.client = undefined;
  }
}

async function connected(keeper) {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${BASE}/mcp`), { authProvider: keeper }));
  return client;
}

/** The first visit: refused, sent to the person, let in. */
async function signedIn(somebody, keeper) {
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(`${BASE}/mcp`), { authProvider: keeper });
  await assert.rejects(client.connect(transport), UnauthorizedError);
  const back = await somebody.consents(keeper.asked);
  assert.equal(back.get('state'), 'a state');
  assert.equal(back.get('iss'), BASE);
  await transport.finishAuth(back.get('code'));
  return connected(keeper);
}

test('registers, asks, calls, undoes and refreshes', async () => {
  const mia = await person();
  const keeper = new Keeper();
  const client = await signedIn(mia, keeper);
  assert.equal(keeper.asked.searchParams.get('resource'), `${BASE}/mcp`);
  const call = (name, args) => client.callTool({ name, arguments: args });
  assert.ok((await client.listTools()).tools.some((tool) => tool.name === 'add_task'));
  const made = await call('add_task', { title: 'From the SDK' });
  // What the program did is on the person's own list.
  assert.equal((await mia.ask('GET', '/api/me/tasks'))[0].title, 'From the SDK');
  assert.equal((await call('undo', { operation: made.structuredContent.seq })).structuredContent.status, 'undone');
  // A token that no longer counts is refreshed without the person.
  const before = { ...keeper.held };
  keeper.held = { ...before, access_token: `${before.access_token}x` };
  keeper.asked = undefined;
  assert.equal((await call('list_tasks', {})).structuredContent.count, 0);
  assert.notEqual(keeper.held.refresh_token, before.refresh_token);
  assert.equal(keeper.asked, undefined);
  // Until they take it back: then the program has to ask again.
  const [app] = await mia.ask('GET', '/api/me/connected-apps');
  assert.equal(app.name, 'SDK');
  await mia.ask('DELETE', `/api/me/connected-apps/${app.id}`);
  await assert.rejects(call('list_tasks', {}));
  assert.ok(keeper.asked);
  await client.close();
});

test('with a secret, and for reading only', async () => {
  const keeper = new Keeper({ token_endpoint_auth_method: 'client_secret_basic', scope: 'todo:read' });
  const client = await signedIn(await person(), keeper);
  assert.ok(keeper.client.client_secret);
  const { tools } = await client.listTools();
  assert.ok(tools.length > 0);
  const asked = keeper.asked.searchParams.get('scope');
  const reads = asked === 'todo:read';
  assert.equal(tools.every((tool) => tool.annotations.readOnlyHint), reads, asked);
  await client.close();
});

test('a person who says no lets nobody in', async () => {
  const mia = await person();
  const keeper = new Keeper();
  await assert.rejects(connected(keeper), UnauthorizedError);
  const back = await mia.consents(keeper.asked, 'deny');
  assert.equal(back.get('error'), 'access_denied');
  assert.equal(back.get('code'), null);
  assert.deepEqual(await mia.ask('GET', '/api/me/connected-apps'), []);
});
