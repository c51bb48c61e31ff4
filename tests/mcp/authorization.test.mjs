// The conformance suite's half for authorization servers: it reads the metadata, prints the address a browser is to open,
// and waits at a port of its own for the answer.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { BASE, person } from './person.mjs';

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

test('the authorization server conforms', async () => {
  const port = await freePort();
  const redirect = `http://127.0.0.1:${port}/callback`;
  // Where a server takes clients without a secret, the suite is one of them.
  const body = JSON.stringify({ client_name: 'Suite', redirect_uris: [redirect], token_endpoint_auth_method: 'none' });
  const headers = { 'content-type': 'application/json' };
  const client = await fetch(`${BASE}/oauth/register`, { method: 'POST', headers, body });
  assert.equal(client.status, 201);
  const { client_id: id } = await client.json();
  const args = ['authorization', '--url', BASE, '--client-id', id, '--resource', `${BASE}/mcp`, '--port', `${port}`,
    '-o', 'authorization'];
  const suite = spawn(process.execPath, ['node_modules/.bin/conformance', ...args]);
  const ended = once(suite, 'close');
  const mia = await person();
  const said = [];
  let asked;
  let listening = false;
  suite.stderr.on('data', (data) => said.push(`${data}`));
  for await (const line of createInterface({ input: suite.stdout })) {
    said.push(line);
    if (line.startsWith(`${BASE}/oauth/authorize?`)) asked = line.trim();
    if (line.includes('Callback server started')) listening = true;
    if (asked && listening) {
      await fetch(await mia.answers(asked, 'allow'));
      asked = undefined;
    }
  }
  const [code] = await ended;
  const all = said.join('\n');
  assert.equal(code, 0, all);
  assert.match(all, /✓ authorization-server-metadata-endpoint/);
  assert.match(all, /✓ authorization-code-grant/);
});
