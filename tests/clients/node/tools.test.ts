/** Tools through the Node SDK: which there are, for whom, and running one. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import {
  isToolException,
  ScalekitBadRequestException,
  ScalekitForbiddenException,
  ScalekitNotFoundException,
  ScalekitToolException,
  ScalekitToolForbiddenException,
  ScalekitToolRateLimitException,
  ScalekitToolUnauthorizedException,
} from '@scalekit-sdk/node';

import { PLAIN_URL, sdk, SERVER_URL } from '../support/clients.ts';
import { granted, type Granted } from '../support/granted.ts';
import { operator, whileProviderMisbehaves } from '../support/operator.ts';
import { refused, violations } from '../support/refusals.ts';

const PROFILE = 'testprovider_get_profile';
const NOTE = 'testprovider_send_note';
const ERASE = 'testprovider_erase_notes';
const ANSWER = 'testprovider_answer_with';
const ALL = [PROFILE, NOTE, ERASE, ANSWER];

const { actions, tools } = sdk();
let user: Granted;
beforeEach(async () => (user = await granted(actions)));

for (const [transport, url] of [['TLS', SERVER_URL], ['plain HTTP', PLAIN_URL]]) {
  test(`over ${transport} a tool runs with the account that is named`, async () => {
    const { actions } = sdk('SCALEKIT_', url);
    for (const named of [
      { connectedAccountId: user.id },
      { identifier: user.identifier, connector: 'test' },
      { identifier: user.identifier },
    ]) {
      const done = await actions.executeTool({ toolName: PROFILE, toolInput: {}, ...named });
      assert.deepEqual(done.data, { subject: user.identifier, scopes: ['profile', 'read'] });
      assert.match(done.executionId, /^exec_/);
    }
  });
}

test('input arrives at the provider as it was meant', async () => {
  const toolInput = { text: 'Grüße', priority: 1, labels: ['a', 'b c'], folder: 'inbox' };
  const { data } = await actions.executeTool({ toolName: NOTE, toolInput, connectedAccountId: user.id });
  const { body, query } = data as Record<string, string>;
  assert.equal(body, '{"note":{"text":"Grüße","priority":1}}');
  assert.equal(query, 'folder=inbox&label=a&label=b%20c');
  assert.ok(!JSON.stringify(data).includes(user.token));
});

test('an answer without a body is not empty', async () => {
  const { data } = await tools.executeTool({ toolName: ANSWER, params: { status: 204 }, connectedAccountId: user.id });
  assert.equal(data?.status, 204);
});

test('s101 a refused token is renewed without the application noticing', async () => {
  const late = { misbehaviour: 'api_unauthorized_until_refreshed', grant: user.grant };
  const done = await whileProviderMisbehaves([late], () => run(PROFILE));
  assert.equal(done.data?.subject, user.identifier);
});

for (const [status, kind] of [
  [401, ScalekitToolUnauthorizedException],
  [403, ScalekitToolForbiddenException],
  [429, ScalekitToolRateLimitException],
  [500, ScalekitToolException],
  [503, ScalekitToolException],
  [504, ScalekitToolException],
] as const) {
  test(`a ${status} of the provider has its class and all details and is sent once`, async () => {
    const error = await refused(kind as typeof ScalekitToolException, run(ANSWER, { status }));
    assert.ok(isToolException(error));
    assert.equal(error.errorCode, 'TOOL_ERROR');
    assert.equal(error.toolErrorCode, `test_${status}`);
    assert.equal(error.toolErrorMessage, `status ${status} was asked for`);
    assert.match(error.executionId!, /^exec_/);
    assert.ok(error.unpackedDetails[0].requestInfo?.requestId);
    assert.ok(!`${error}`.includes(user.token));
    // A 401 is tried once more with a renewed token, by the server.
    assert.equal((await user.calls()).length, status === 401 ? 2 : 1);
  });
}

test('input that breaks the schema is told field by field', async () => {
  const error = await refused(ScalekitBadRequestException, run(NOTE, { priority: 9, folder: 'attic', colour: 'red' }));
  assert.deepEqual([...new Set(violations(error).map(String))].sort(), [
    'params,input_schema', 'params.folder,input_schema', 'params.priority,input_schema',
  ]);
  assert.match(`${error}`, /params\.priority[^]*colour/);
  await nothingWasSent();
});

test('an unknown tool is not found and the nearest is named', async () => {
  const error = await refused(ScalekitNotFoundException, run('testprovider_get_profiles'));
  assert.match(error.message, /tool not found.*did you mean "testprovider_get_profile"\?/);
});

test('an account of another provider is a bad request', async () => {
  const key = { details: { case: 'staticAuth', value: { details: { api_key: 'test-key-good' } } } } as never;
  const other = await actions.createConnectedAccount({
    connectionName: 'testkey', identifier: user.identifier, authorizationDetails: key,
  });
  const connectedAccountId = other.connectedAccount!.id;
  const call = actions.executeTool({ toolName: PROFILE, toolInput: {}, connectedAccountId });
  const error = await refused(ScalekitBadRequestException, call);
  assert.deepEqual(violations(error), [['connected_account_id', 'provider']]);
  await nothingWasSent();
});

test('an account that is not active is a bad request that says what to do', async () => {
  operator('account', 'disconnect', '--connection', 'test', '--identifier', user.identifier, '--environment', 'dev');
  const error = await refused(ScalekitBadRequestException, run(PROFILE));
  assert.equal(error.errorCode, 'ACCOUNT_NOT_ACTIVE');
  assert.match(error.message, /authorize again/);
  await nothingWasSent();
});

test('s155 a scope that was not granted is forbidden before the call', async () => {
  const error = await refused(ScalekitForbiddenException, run(ERASE));
  assert.equal(error.errorCode, 'SCOPE_MISSING');
  assert.match(error.message, /needs the scope write/);
  await nothingWasSent();
});

test('the catalogue is read page by page', async () => {
  const seen: string[] = [];
  let pageToken = '';
  let total: number;
  do {
    const page = await tools.listTools({ pageSize: 1000, pageToken });
    seen.push(...names(page.tools));
    total = page.totalSize;
    pageToken = page.nextPageToken;
  } while (pageToken);
  assert.equal(seen.length, total);
  assert.equal(new Set(seen).size, total);
});

test('filters and pages narrow the list', async () => {
  const list = async (filter: object) => names((await tools.listTools({ filter })).tools);
  assert.deepEqual(await list({ provider: 'TESTPROVIDER' }), ALL);
  assert.deepEqual(await list({ toolName: [NOTE, PROFILE] }), [PROFILE, NOTE]);
  assert.deepEqual(await list({ query: 'testprovider note' }), [NOTE, ERASE]);
  assert.deepEqual(await list({ identifier: user.identifier, connector: 'test' }), ALL);
  assert.deepEqual(await list({ connectedAccountId: user.id }), ALL);
  const first = await tools.listTools({ filter: { provider: 'TESTPROVIDER' }, pageSize: 3 });
  const pageToken = first.nextPageToken;
  const second = await tools.listTools({ filter: { provider: 'TESTPROVIDER' }, pageSize: 3, pageToken });
  assert.deepEqual([names(first.tools), names(second.tools)], [ALL.slice(0, 3), ALL.slice(3)]);
  assert.deepEqual([first.prevPageToken, first.totalSize, second.nextPageToken], ['', 4, '']);
  const summary = await tools.listTools({ filter: { provider: 'TESTPROVIDER', summary: true } });
  assert.deepEqual([summary.toolNames, summary.tools], [ALL, []]);
});

test('a user is offered what an active account has the scopes for, and all that could become so', async () => {
  const offered = async () => (await tools.listScopedTools(user.identifier, { filter: { connectionNames: ['test'] } })).tools;
  const available = async () => names((await tools.listAvailableTools(user.identifier)).tools);
  const found = await offered();
  assert.deepEqual(names(found.map(({ tool }) => tool!)), [PROFILE, NOTE, ANSWER]);
  assert.ok(found.every(({ connectedAccountId, identifier }) => connectedAccountId === user.id && identifier === user.identifier));
  assert.deepEqual(await available(), ALL);
  operator('account', 'disconnect', '--connection', 'test', '--identifier', user.identifier, '--environment', 'dev');
  assert.deepEqual(await offered(), []);
  assert.deepEqual(await available(), ALL);
});

test('what is available is read page by page, and nothing is for a stranger', async () => {
  const first = await tools.listAvailableTools(user.identifier, { pageSize: 3 });
  const second = await tools.listAvailableTools(user.identifier, { pageSize: 3, pageToken: first.nextPageToken });
  assert.deepEqual([...names(first.tools), ...names(second.tools)], ALL);
  assert.equal(second.nextPageToken, '');
  assert.equal((await tools.listAvailableTools(`${user.identifier}-x`)).totalSize, 0);
});

function run(toolName: string, toolInput: Record<string, unknown> = {}) {
  return actions.executeTool({ toolName, toolInput, connectedAccountId: user.id });
}

async function nothingWasSent(): Promise<void> {
  assert.deepEqual(await user.calls(), []);
}

function names(tools: { definition?: Record<string, unknown> }[]): string[] {
  return tools.map(({ definition }) => definition!.name as string);
}
