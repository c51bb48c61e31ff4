// The TypeScript SDK of the Model Context Protocol with an API token: begin, list, call, read, undo.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { BASE, person } from './person.mjs';

const token = async (scopes) => (await person()).token(scopes);

async function connected(bearer) {
  const client = new Client({ name: 'test', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${bearer}` } };
  const transport = new StreamableHTTPClientTransport(new URL(`${BASE}/mcp`), { requestInit });
  await client.connect(transport);
  return { client, transport };
}

test('lists, calls and undoes', async () => {
  const { client, transport } = await connected(await token(['read', 'write']));
  assert.equal(client.getServerVersion().name, 'todo-chatbot');
  assert.equal(transport.sessionId, undefined);
  const { tools } = await client.listTools();
  assert.ok(tools.some((tool) => tool.name === 'add_task') && tools.some((tool) => tool.name === 'fetch'));
  // The SDK holds every answer against its tool's schema.
  const call = (name, args) => client.callTool({ name, arguments: args });
  const made = await call('add_task', { title: 'Water the plants', due: '2030-05-01' });
  assert.equal(made.structuredContent.tasks[0].due, '2030-05-01');
  const listed = await call('list_tasks', { search: 'plants' });
  assert.equal(listed.structuredContent.count, 1);
  const shown = await call('delete_task', { task_id: 1 });
  assert.equal(shown.structuredContent.status, 'needs_confirmation');
  const { confirm } = shown.structuredContent;
  const gone = await call('delete_task', { task_id: 1, confirm });
  assert.equal((await call('undo', { operation: gone.structuredContent.seq })).structuredContent.status, 'undone');
  assert.equal((await call('search', { query: 'water' })).structuredContent.results[0].id, '1');
  assert.match((await call('fetch', { id: '1' })).structuredContent.text, /^# Water the plants/);
  const wrong = await call('get_task', { task_id: 77 });
  assert.ok(wrong.isError && wrong.content[0].text.includes('#77'));
  await client.close();
});

test('reads, asks for prompts and completes', async () => {
  const { client } = await connected(await token(['read', 'write']));
  await client.callTool({ name: 'add_task', arguments: { title: 'Sort photos', project: 'Home' } });
  const { resources } = await client.listResources();
  assert.ok(resources.some((resource) => resource.uri === 'todo://projects/1'));
  const { contents } = await client.readResource({ uri: 'todo://projects/1' });
  assert.equal(JSON.parse(contents[0].text).tasks[0].title, 'Sort photos');
  assert.equal((await client.listResourceTemplates()).resourceTemplates.length, 4);
  assert.equal((await client.listPrompts()).prompts.length, 3);
  const review = await client.getPrompt({ name: 'weekly_review', arguments: { project: 'home' } });
  assert.equal(review.messages.length, 2);
  const ref = { type: 'ref/resource', uri: 'todo://projects/{id}' };
  const offered = await client.complete({ ref, argument: { name: 'id', value: 'ho' } });
  assert.deepEqual(offered.completion.values, ['1']);
  await assert.rejects(client.readResource({ uri: 'todo://tasks/99' }));
  await client.close();
});

test('a token that reads changes nothing, and none opens nothing', async () => {
  const { client } = await connected(await token(['read']));
  const { tools } = await client.listTools();
  assert.ok(tools.every((tool) => tool.annotations.readOnlyHint));
  const refused = await client.callTool({ name: 'add_task', arguments: { title: 'No' } });
  assert.ok(refused.isError);
  await client.close();
  await assert.rejects(connected('tdc_nobody'));
});
