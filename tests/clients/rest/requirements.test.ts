/** What the accounts API is required to do, requirement by requirement, as plain HTTP with JSON. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { newIdentifier } from '../support/clients.ts';
import {
  agentConnect, callback, CALLBACK, consent, exampleConnections, GMAIL, LIVE, MAIL_SCOPE, Rest, TEST_PROVIDER,
} from '../support/connect.ts';

let rest: Rest;

before(async () => {
  await exampleConnections(agentConnect());
  rest = new Rest();
});

/** The error of a call that must fail with this status. */
async function refused(expected: number, method: string, path: string, body?: unknown): Promise<any> {
  const { status, json } = await rest.call(method, path, body);
  assert.equal(status, expected, JSON.stringify(json));
  assert.deepEqual(Object.keys(json).sort(), ['code', 'details', 'message', 'next_action', 'reason', 'request_id']);
  return json;
}

const create = (more: object = {}) =>
  rest.ok('POST', '/accounts', { connection_id: GMAIL, identifier: newIdentifier(), identifier_type: 'user_id', ...more });
const authUrl = async (id: string, more: object = {}): Promise<string> =>
  (await rest.ok('POST', `/accounts/${id}:auth-url`, { redirect_uri: CALLBACK, ...more })).url;

/** What came to the callback of an application whose user has approved. */
const approved = async (id: string) => callback(await consent(await authUrl(id)));

async function active(): Promise<any> {
  const { id } = await create();
  return (await rest.ok('POST', `/accounts/${id}:exchange-code`, await approved(id))).account;
}

const ids = ({ accounts }: { accounts: { id: string }[] }) => accounts.map(({ id }) => id);

test('S-58 POST /accounts with an API token creates an account', async () => {
  const identifier = newIdentifier();
  const account = await create({ identifier });
  assert.match(account.id, /^ca_/);
  assert.equal(account.status, 'pending');
  const error = await refused(409, 'POST', '/accounts', { connection_id: GMAIL, identifier });
  assert.equal(error.code, 'ACCOUNT_ALREADY_EXISTS');
});

test('S-59 POST /accounts takes connection_id, identifier, identifier_type, scopes and settings', async () => {
  const settings = { auto_refresh: true, expires_in: 3600 };
  const { id } = await create({ scopes: [MAIL_SCOPE], settings });
  const account = await rest.ok('GET', `/accounts/${id}`);
  assert.deepEqual([account.identifier_type, account.requested_scopes, account.settings], ['user_id', [MAIL_SCOPE], settings]);
  const body = { connection_id: GMAIL, identifier: 'x'.repeat(101), identifier_type: 'name' };
  const { code, details } = await refused(400, 'POST', '/accounts', body);
  assert.equal(code, 'INVALID_ARGUMENT');
  assert.deepEqual(details.map(({ field }: { field: string }) => field).sort(), ['identifier', 'identifier_type']);
});

test('S-60 POST /accounts takes test_mode', async () => {
  assert.equal((await create({ connection_id: TEST_PROVIDER, test_mode: true })).test_mode, true);
});

test('S-61 POST :auth-url answers the provider’s authorization URL', async () => {
  const { id } = await create();
  const url = await authUrl(id, { state: 'custom_state_value', scopes: ['additional_scope'] });
  assert.equal(new URL(url).pathname, '/authorize');
});

test('S-62 the authorization URL has client_id, redirect_uri, scope, response_type and state', async () => {
  const { id } = await create();
  const { client_id, redirect_uri, scope, response_type, state } = Object.fromEntries(
    new URL(await authUrl(id, { state: 's', scopes: [MAIL_SCOPE] })).searchParams,
  );
  assert.deepEqual([client_id, redirect_uri, response_type], ['test-client', CALLBACK, 'code']);
  assert.ok(scope!.split(' ').includes(MAIL_SCOPE));
  assert.match(state!, /^[\w-]{20,}\.s$/);
});

test('S-63 POST :exchange-code makes the account active, once', async () => {
  const { id } = await create();
  const came = await approved(id);
  const { account } = await rest.ok('POST', `/accounts/${id}:exchange-code`, came);
  assert.deepEqual([account.id, account.status], [id, 'active']);
  const { code, message } = await refused(400, 'POST', `/accounts/${id}:exchange-code`, came);
  assert.equal(code, 'INVALID_STATE');
  assert.ok(message);
});

test('S-64 the callback gets an error where the user says no, and the account stays as it was', async () => {
  const { id } = await create();
  const address = await consent(await authUrl(id, { state: 'mine' }), 'deny');
  assert.equal(address.searchParams.get('error'), 'access_denied');
  assert.match(address.searchParams.get('state')!, /\.mine$/);
  assert.equal((await rest.ok('GET', `/accounts/${id}`)).status, 'pending');
});

test('S-65 GET /accounts/{id} answers all that describes an account', async () => {
  const { id } = await active();
  const account = await rest.ok('GET', `/accounts/${id}`);
  const shown = [
    'connection_id', 'created_at', 'expires_at', 'id', 'identifier', 'identifier_type', 'metadata', 'provider', 'scopes', 'status',
    'updated_at',
  ];
  assert.deepEqual(shown.filter((field) => !(field in account)), []);
  assert.deepEqual(Object.keys(account.metadata).sort(), ['provider_account_id', 'user_email']);
  assert.equal((await refused(404, 'GET', '/accounts/ca_nobody')).code, 'ACCOUNT_NOT_FOUND');
});

test('S-66 GET /accounts?connection_id= lists the accounts of a connection', async () => {
  const [one, other] = [await create(), await create({ connection_id: TEST_PROVIDER })];
  const seen: string[] = [];
  let token = '';
  do {
    const page = await rest.ok('GET', `/accounts?connection_id=${GMAIL}&page_size=2&page_token=${encodeURIComponent(token)}`);
    assert.ok(page.accounts.length <= 2);
    seen.push(...ids(page));
    token = page.next_page_token;
  } while (token);
  assert.ok(seen.includes(one.id) && !seen.includes(other.id));
  assert.equal(new Set(seen).size, seen.length);
});

test('S-67 GET /accounts?status= lists the accounts in a state', async () => {
  const [waiting, connected] = [await create(), await active()];
  const found = ids(await rest.ok('GET', '/accounts?status=active&status=suspended&page_size=1000'));
  assert.ok(found.includes(connected.id) && !found.includes(waiting.id));
  assert.equal((await refused(400, 'GET', '/accounts?status=ACTIVE')).code, 'INVALID_ARGUMENT');
});

test('S-68 POST :refresh refreshes the tokens', async () => {
  const { id } = await active();
  assert.equal((await rest.ok('POST', `/accounts/${id}:refresh`, {})).status, 'active');
  assert.equal((await rest.ok('GET', `/accounts/${id}/token-status`)).generation, 2);
  const { id: pending } = await create();
  assert.equal((await refused(400, 'POST', `/accounts/${pending}:refresh`, {})).code, 'ACCOUNT_PENDING');
});

test('S-69 GET /token-status tells what is known of the tokens, and no token', async () => {
  const { id } = await active();
  const status = await rest.ok('GET', `/accounts/${id}/token-status`);
  assert.deepEqual([status.state, status.refreshable, status.generation], ['valid', true, 1]);
  assert.doesNotMatch(JSON.stringify(status), /[ar]t_\d/);
});

test('S-70 GET /status answers one of six words, with the reason and what ends it', async () => {
  const { id } = await create();
  const { status, status_reason, next_action } = await rest.ok('GET', `/accounts/${id}/status`);
  assert.deepEqual([status, status_reason, next_action], ['pending', 'not_authorized', 'reauthorize']);
  assert.equal((await rest.ok('POST', `/accounts/${(await active()).id}:suspend`, {})).status, 'suspended');
});

test('S-71 PATCH /metadata merges nested objects, PUT replaces', async () => {
  const { id } = await create();
  const path = `/accounts/${id}/metadata`;
  const preferences = { notification_settings: 'email', timezone: 'UTC' };
  await rest.ok('PATCH', path, { metadata: { user_email: 'user@example.com', department: 'engineering', preferences } });
  const merged = await rest.ok('PATCH', path, { metadata: { department: null, preferences: { timezone: 'CET' } } });
  assert.deepEqual(merged.metadata, { user_email: 'user@example.com', preferences: { ...preferences, timezone: 'CET' } });
  assert.deepEqual((await rest.ok('PUT', path, { metadata: { a: 1 } })).metadata, { a: 1 });
});

test('S-72 GET /metadata answers the metadata', async () => {
  const { id } = await create({ metadata: { department: 'engineering' } });
  assert.deepEqual((await rest.ok('GET', `/accounts/${id}/metadata`)).metadata, { department: 'engineering' });
});

test('S-73 PATCH /settings changes what is named', async () => {
  const { id } = await create();
  const path = `/accounts/${id}/settings`;
  const settings = { auto_refresh: true, rate_limit: 100, timeout: 30, retry_attempts: 3 };
  assert.deepEqual((await rest.ok('PATCH', path, { settings })).settings, settings);
  assert.deepEqual((await rest.ok('PATCH', path, { settings: { timeout: 60 } })).settings, { ...settings, timeout: 60 });
  await refused(400, 'PATCH', path, { settings: { timeout: 601 } });
});

test('S-74 POST /accounts:bulk-create answers a result for each item', async () => {
  const accounts = [GMAIL, 'no_such_connection'].map((connection_id) => ({ connection_id, identifier: newIdentifier() }));
  const operation = await rest.ok('POST', '/accounts:bulk-create', { accounts });
  assert.deepEqual([operation.state, operation.total, operation.succeeded, operation.failed], ['finished', 2, 1, 1]);
  const [made, failed] = operation.results;
  assert.deepEqual([made.state, made.created, made.account.identifier], ['succeeded', true, accounts[0]!.identifier]);
  assert.deepEqual([failed.state, failed.error.code], ['failed', 'CONNECTION_NOT_FOUND']);
  assert.equal((await rest.ok('GET', `/bulk-operations/${operation.id}/results`)).results.length, 2);
});

test('S-75 POST /accounts:bulk-refresh answers a result for each account', async () => {
  const account_ids = [(await active()).id, (await create()).id];
  const { results } = await rest.ok('POST', '/accounts:bulk-refresh', { account_ids });
  assert.deepEqual(results.map(({ state, error }: any) => [state, error?.code]), [['succeeded', undefined], ['failed', 'ACCOUNT_PENDING']]);
});

test('S-76 POST /accounts:bulk-update-settings changes the settings of all', async () => {
  const account_ids = [(await create()).id, (await create()).id];
  const settings = { auto_refresh: true, rate_limit: 150 };
  assert.equal((await rest.ok('POST', '/accounts:bulk-update-settings', { account_ids, settings })).succeeded, 2);
  for (const id of account_ids) {
    assert.deepEqual((await rest.ok('GET', `/accounts/${id}/settings`)).settings, settings);
  }
});

test('S-77 GET /health answers tokens, authentications and calls', async () => {
  const { id } = await active();
  const health = await rest.ok('GET', `/accounts/${id}/health`);
  assert.deepEqual([health.token.state, health.authentication.success_rate, health.api.calls], ['valid', 1, 0]);
  assert.ok(health.authentication.last_success_at);
});

test('S-78 GET /usage answers what an account was used for on these days', async () => {
  const { id } = await active();
  const usage = await rest.ok('GET', `/accounts/${id}/usage?start_date=2024-01-01&end_date=2024-01-31`);
  assert.deepEqual([usage.start_date, usage.end_date], ['2024-01-01', '2024-01-31']);
  assert.deepEqual([usage.tool_executions, usage.api_requests, usage.most_used_tools], [0, 0, []]);
  await refused(400, 'GET', `/accounts/${id}/usage?start_date=yesterday`);
});

test('S-79 POST /accounts makes test accounts on a connection to the test provider only', async () => {
  assert.equal((await create({ connection_id: TEST_PROVIDER, test_mode: true })).test_mode, true);
  const body = { connection_id: LIVE, identifier: newIdentifier(), test_mode: true };
  assert.equal((await refused(400, 'POST', '/accounts', body)).code, 'TEST_MODE_UNAVAILABLE');
});

test('S-80 POST :test-tokens hands out the tokens of a test account only', async () => {
  const { id } = await create({ connection_id: TEST_PROVIDER, test_mode: true });
  assert.match((await rest.ok('POST', `/accounts/${id}:test-tokens`, {})).access_token, /^at_/);
  const { id: real } = await active();
  assert.equal((await refused(400, 'POST', `/accounts/${real}:test-tokens`, {})).code, 'NOT_A_TEST_ACCOUNT');
});

test('S-141 a token that may only read is told what it lacks', async () => {
  const { id } = await create();
  const reader = new Rest('--permission', 'connected_accounts:read');
  assert.equal((await reader.call('GET', `/accounts/${id}`)).status, 200);
  const { status, json } = await reader.call('POST', `/accounts/${id}:suspend`, {});
  assert.deepEqual([status, json.code, json.next_action], [403, 'INVALID_PERMISSIONS', 'ask_permission']);
});

test('T68 a write with the same key is done once, and another request with that key is refused', async () => {
  const key = { 'idempotency-key': newIdentifier() };
  const body = { connection_id: GMAIL, identifier: newIdentifier() };
  const first = await rest.call('POST', '/accounts', body, key);
  const again = await rest.call('POST', '/accounts', body, key);
  assert.deepEqual([first.status, again.status, again.json.id], [200, 200, first.json.id]);
  const other = await rest.call('POST', '/accounts', { ...body, identifier: newIdentifier() }, key);
  assert.deepEqual([other.status, other.json.code], [409, 'IDEMPOTENCY_KEY_REUSED']);
});
