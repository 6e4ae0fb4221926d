/** What the accounts API is required to do, requirement by requirement, through the SDK. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { AccountStateError, BulkAccounts, ConflictError, type Account } from '@valetkey/sdk';

import { newIdentifier, SERVER_URL } from '../support/clients.ts';
import {
  active, agentConnect, apiToken, authorize, callback, CALLBACK, consent, exampleConnections, GMAIL, LIVE, MAIL_SCOPE, pending, TEST_PROVIDER,
} from '../support/connect.ts';
import { exampleClient, exampleServer, run } from '../support/examples.ts';
import { grantOf, whileProviderMisbehaves } from '../support/operator.ts';

const client = agentConnect();
const { accounts } = client;
const STATES = ['pending', 'active', 'expired', 'revoked', 'error', 'suspended'];

before(() => exampleConnections(client));

const ids = (list: Account[]) => list.map(({ id }) => id);

test('S-58 an account is created', async () => {
  const identifier = newIdentifier();
  const account = await accounts.create({ connection_id: GMAIL, identifier });
  assert.match(account.id, /^ca_/);
  assert.deepEqual([account.status, account.identifier, account.identifier_type], ['pending', identifier, 'custom']);
  await assert.rejects(accounts.create({ connection_id: GMAIL, identifier }), { constructor: ConflictError, code: 'ACCOUNT_ALREADY_EXISTS' });
});

test('S-59 an account is created with the type of its identifier, scopes and settings', async () => {
  const settings = { auto_refresh: true, expires_in: 3600 };
  const identifier = newIdentifier();
  const { id } = await accounts.create({
    connection_id: GMAIL, identifier, identifier_type: 'user_id', scopes: [MAIL_SCOPE], settings,
  });
  const account = await accounts.get(id);
  assert.equal(account.identifier_type, 'user_id');
  assert.deepEqual(account.requested_scopes, [MAIL_SCOPE]);
  assert.deepEqual(account.settings, settings);
  const wider = { connection_id: GMAIL, identifier: newIdentifier(), scopes: ['not_of_the_connection'] };
  await assert.rejects(accounts.create(wider), { code: 'INVALID_SCOPE' });
});

test('S-60 an account is created as a test account', async () => {
  const made = await accounts.create({ connection_id: TEST_PROVIDER, identifier: newIdentifier(), test_mode: true });
  assert.equal((await accounts.get(made.id)).test_mode, true);
});

test('S-61 the authorization URL is the provider’s own, as a string', async () => {
  const { id } = await pending(client);
  const url = await accounts.getAuthUrl(id, { state: 'custom_state_value', redirect_uri: CALLBACK, scopes: ['additional_scope'] });
  assert.equal(typeof url, 'string');
  assert.equal(new URL(url).pathname, '/authorize');
});

test('S-62 the authorization URL has client, callback, scopes, response type and state', async () => {
  const { id } = await pending(client);
  const url = new URL(await accounts.getAuthUrl(id, { state: 's', redirect_uri: CALLBACK, scopes: [MAIL_SCOPE] }));
  assert.equal(url.searchParams.get('client_id'), 'test-client');
  assert.equal(url.searchParams.get('redirect_uri'), CALLBACK);
  assert.ok(url.searchParams.get('scope')!.split(' ').includes(MAIL_SCOPE));
  assert.equal(url.searchParams.get('response_type'), 'code');
  assert.match(url.searchParams.get('state')!, /^[\w-]{20,}\.s$/);
});

test('S-63 the exchange of a code makes the account active, once', async () => {
  const { id } = await pending(client);
  const { code, state } = callback(await consent(await accounts.getAuthUrl(id, { redirect_uri: CALLBACK })));
  const account = await accounts.exchangeCode(id, code, state);
  assert.deepEqual([account.id, account.status], [id, 'active']);
  await assert.rejects(accounts.exchangeCode(id, code, state), ({ message }: Error) => message.length > 0);
});

test('S-64 the callback of the example answers success, refusal and failure', async () => {
  const { id } = await pending(client);
  const server = await exampleServer();
  try {
    await run(exampleClient(apiToken(), { account_id: id }), 'callback');
    const url = () => accounts.getAuthUrl(id, { redirect_uri: CALLBACK });
    assert.deepEqual(await server.visit(await consent(await url(), 'deny')), { status: 400, json: { error: 'access_denied' } });
    const address = await consent(await url());
    const { status, json } = await server.visit(address);
    assert.deepEqual([status, json.status, json.account.id], [200, 'success', id]);
    const again = await server.visit(address);
    assert.deepEqual([again.status, typeof again.json.error], [500, 'string']);
  } finally {
    server.close();
  }
});

test('S-65 an account is read with all that describes it', async () => {
  const { id } = await active(client);
  const account = await accounts.get(id);
  assert.deepEqual([account.provider, account.status, account.connection_name], ['gmail', 'active', GMAIL]);
  assert.match(account.connection_id, /^conn_/);
  for (const time of [account.created_at, account.updated_at, account.expires_at]) {
    assert.ok(Date.parse(time!) > 0, time);
  }
  assert.deepEqual(Object.keys(account.metadata).sort(), ['provider_account_id', 'user_email']);
});

test('S-66 accounts are listed by connection, page by page', async () => {
  const made = [await pending(client), await pending(client), await pending(client)];
  const other = await pending(client, TEST_PROVIDER);
  const found: Account[] = [];
  for await (const account of accounts.list({ connection_id: GMAIL, page_size: 2 })) {
    found.push(account);
  }
  assert.ok(ids(made).every((id) => ids(found).includes(id)));
  assert.ok(!ids(found).includes(other.id));
  assert.equal(new Set(ids(found)).size, found.length);
});

test('S-67 accounts are listed by status', async () => {
  const [waiting, connected] = [await pending(client), await active(client)];
  const found = await accounts.list({ status: 'active', page_size: 1000 });
  assert.ok(found.every(({ status }) => status === 'active'));
  assert.ok(ids(found).includes(connected.id) && !ids(found).includes(waiting.id));
});

test('S-68 tokens are refreshed by hand', async () => {
  const { id } = await active(client);
  const before = await accounts.getTokenStatus(id);
  assert.equal((await accounts.refreshTokens(id)).status, 'active');
  assert.equal((await accounts.getTokenStatus(id)).generation, before.generation + 1);
});

test('S-69 the status of tokens is read', async () => {
  const { id } = await pending(client);
  assert.equal((await accounts.getTokenStatus(id)).state, 'none');
  await authorize(client, id);
  const status = await accounts.getTokenStatus(id);
  assert.deepEqual([status.state, status.refreshable, status.auto_refresh, status.generation], ['valid', true, true, 1]);
  assert.ok(Date.parse(status.expires_at!) > Date.now());
});

test('S-70 the status is one of six words', async () => {
  const { id } = await pending(client);
  const seen = [await accounts.getStatus(id)];
  await authorize(client, id);
  seen.push(await accounts.getStatus(id));
  await accounts.suspend(id);
  seen.push(await accounts.getStatus(id));
  await accounts.resume(id);
  seen.push((await accounts.disconnect(id)).status, await accounts.getStatus(id));
  assert.deepEqual(seen, ['pending', 'active', 'suspended', 'revoked', 'revoked']);
  assert.ok(seen.every((state) => STATES.includes(state)));
});

test('S-71 metadata is merged, nested objects too', async () => {
  const { id } = await pending(client);
  await accounts.updateMetadata(id, {
    user_email: 'user@example.com', department: 'engineering', preferences: { notification_settings: 'email', timezone: 'UTC' },
  });
  const merged = await accounts.updateMetadata(id, { department: null, preferences: { timezone: 'CET' } });
  const expected = { user_email: 'user@example.com', preferences: { notification_settings: 'email', timezone: 'CET' } };
  assert.deepEqual(merged, expected);
  assert.deepEqual(ids(await accounts.list({ metadata: { preferences: { timezone: 'CET' } }, identifier: (await accounts.get(id)).identifier })), [id]);
  assert.deepEqual(await accounts.replaceMetadata(id, { a: [1, 'two', { three: null }] }), { a: [1, 'two', { three: null }] });
});

test('S-72 metadata is read', async () => {
  const { id } = await pending(client);
  assert.deepEqual(await accounts.getMetadata(id), {});
  await accounts.updateMetadata(id, { department: 'engineering' });
  assert.deepEqual(await accounts.getMetadata(id), { department: 'engineering' });
});

test('S-73 settings are changed one by one, and get their defaults back', async () => {
  const { id } = await pending(client);
  await accounts.updateSettings(id, { auto_refresh: true, rate_limit: 100, timeout: 30, retry_attempts: 3 });
  await accounts.updateSettings(id, { timeout: 60, rate_limit: null });
  assert.deepEqual(await accounts.getSettings(id), { auto_refresh: true, timeout: 60, retry_attempts: 3 });
  await assert.rejects(accounts.updateSettings(id, { timeout: 601 }), { code: 'INVALID_ARGUMENT' });
});

test('S-74 many accounts are created, and who exists already is given as he is', async () => {
  const existing = await pending(client);
  const items = [existing.identifier, newIdentifier(), newIdentifier()].map((identifier) => ({
    connection_id: GMAIL, identifier, identifier_type: 'user_id' as const,
  }));
  const made = await accounts.createBulk([...items, { connection_id: 'no_such_connection', identifier: 'x' }]);
  assert.ok(made instanceof BulkAccounts);
  assert.deepEqual(made.map(({ identifier }) => identifier), items.map(({ identifier }) => identifier));
  assert.equal(made[0]!.id, existing.id);
  assert.deepEqual(made.results.map(({ created }) => created), [false, true, true, false]);
  assert.deepEqual(made.failed.map(({ index, error }) => [index, error!.code]), [[3, 'CONNECTION_NOT_FOUND']]);
});

test('S-75 the tokens of many accounts are refreshed, each with a result', async () => {
  const [connected, waiting] = [await active(client), await pending(client)];
  const results = await accounts.refreshTokensBulk([connected.id, waiting.id, 'ca_nobody']);
  assert.deepEqual(results.map(({ state, error }) => [state, error?.code]), [
    ['succeeded', undefined], ['failed', 'ACCOUNT_PENDING'], ['failed', 'ACCOUNT_NOT_FOUND'],
  ]);
  assert.equal((await accounts.getTokenStatus(connected.id)).generation, 2);
});

test('S-76 the settings of many accounts are changed', async () => {
  const made = [await pending(client), await pending(client)];
  const results = await accounts.updateSettingsBulk(ids(made), { auto_refresh: true, rate_limit: 150 });
  assert.deepEqual(results.failed, []);
  for (const { id } of made) {
    assert.deepEqual(await accounts.getSettings(id), { auto_refresh: true, rate_limit: 150 });
  }
});

test('S-77 the health of an account is read', async () => {
  const { id } = await active(client);
  await accounts.refreshTokens(id);
  const health = await accounts.getHealth(id);
  assert.deepEqual([health.account_id, health.status.status, health.token.state], [id, 'active', 'valid']);
  assert.deepEqual([health.authentication.success_rate, health.api.calls], [1, 0]);
  assert.ok(Date.parse(health.authentication.last_success_at!) <= Date.now());
});

test('S-78 the usage of an account is read for days', async () => {
  const { id } = await active(client);
  const past = await accounts.getUsage(id, { start_date: '2024-01-01', end_date: '2024-01-31' });
  assert.deepEqual([past.start_date, past.end_date, past.tool_executions, past.api_requests], ['2024-01-01', '2024-01-31', 0, 0]);
  assert.deepEqual([past.most_used_tools, past.days, past.error_rate], [[], [], undefined]);
});

test('S-79 a test account is made on a connection to the test provider, and on no other', async () => {
  const account = { identifier: newIdentifier(), identifier_type: 'user_id', test_mode: true } as const;
  const made = await accounts.create({ ...account, connection_id: TEST_PROVIDER });
  assert.equal(made.test_mode, true);
  assert.deepEqual(ids(await accounts.list({ test_mode: true, identifier: account.identifier })), [made.id]);
  await assert.rejects(accounts.create({ ...account, connection_id: LIVE }), { code: 'TEST_MODE_UNAVAILABLE' });
});

test('S-80 the tokens of a test account are handed out, and of no other', async () => {
  const { id } = await accounts.create({ connection_id: TEST_PROVIDER, identifier: newIdentifier(), test_mode: true });
  const tokens = await accounts.getTestTokens(id);
  assert.match(tokens.access_token, /^at_/);
  assert.equal(await accounts.getStatus(id), 'active');
  await assert.rejects(accounts.getTestTokens((await active(client)).id), { code: 'NOT_A_TEST_ACCOUNT' });
});

test('S-196 to S-201 a test account connects, runs a tool, is refreshed, and fails as its provider does', async () => {
  const identifier = newIdentifier();
  const { id } = await accounts.create({ connection_id: TEST_PROVIDER, identifier, test_mode: true });
  assert.equal((await authorize(client, id, 'bob')).status, 'active');

  const tool = { tool_name: 'testprovider_get_profile', connector: TEST_PROVIDER, identifier, params: {} };
  const ran = await fetch(`${SERVER_URL}/api/v1/execute_tool`, {
    method: 'POST', headers: { authorization: `Bearer ${apiToken()}`, 'content-type': 'application/json' }, body: JSON.stringify(tool),
  });
  assert.equal(((await ran.json()) as { data: { subject: string } }).data.subject, 'bob');

  const { access_token } = await accounts.getTestTokens(id);
  await accounts.refreshTokens(id);
  assert.notEqual((await accounts.getTestTokens(id)).access_token, access_token);

  const grant = await grantOf((await accounts.getTestTokens(id)).access_token);
  const refusal = { misbehaviour: { token_error: { error: 'invalid_grant' } }, grant };
  await whileProviderMisbehaves([refusal], () =>
    assert.rejects(accounts.refreshTokens(id), { constructor: AccountStateError, code: 'ACCOUNT_EXPIRED' }));
  assert.equal(await accounts.getStatus(id), 'expired');
});
