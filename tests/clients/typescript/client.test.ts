/** What the SDK offers beyond the examples, against a server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
  AccountStateError, AgentConnect, AuthenticationError, BadRequestError, ConflictError, NotFoundError, PermissionDeniedError,
  type Account,
} from '@valetkey/sdk';

import { BRIEF, newIdentifier, SERVER_URL } from '../support/clients.ts';
import {
  active, agentConnect, apiToken, authorize, callback, CALLBACK, consent, exampleConnections, GMAIL, pending, TEST_PROVIDER,
} from '../support/connect.ts';
import { endGrant, grantOf } from '../support/operator.ts';
import { User } from '../support/user.ts';

const client = agentConnect();
const withToken = (...given: string[]) => new AgentConnect({ baseUrl: SERVER_URL, apiToken: apiToken(...given) });
const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);

before(() => exampleConnections(client));

test('a client gets a new token when its token has ended', async () => {
  const brief = agentConnect(BRIEF);
  const { id } = await brief.accounts.create({ connection_id: 'test', identifier: newIdentifier() });
  const until = Date.now() + 2_500;
  while (Date.now() < until) {
    assert.equal((await brief.accounts.get(id)).id, id);
  }
});

test('a wrong token and a wrong secret are authentication errors', async () => {
  const wrong = [{ apiToken: 'vkt_wrong' }, { clientId: 'skc_wrong', clientSecret: 'wrong' }];
  for (const credentials of wrong) {
    const stranger = new AgentConnect({ baseUrl: SERVER_URL, ...credentials } as never);
    await assert.rejects(stranger.accounts.list(), AuthenticationError);
  }
});

test('who may only read is told so when he writes', async () => {
  const reader = withToken('--permission', 'connected_accounts:read');
  const { id } = await pending(client);
  assert.equal((await reader.accounts.get(id)).id, id);
  const { code, next_action, request_id } = await refused(PermissionDeniedError, reader.accounts.suspend(id));
  assert.deepEqual([code, next_action], ['INVALID_PERMISSIONS', 'ask_permission']);
  assert.match(request_id, /^req_/);
});

test('a request that breaks rules names the fields', async () => {
  const error = await refused(BadRequestError, client.accounts.create({ connection_id: GMAIL, identifier: 'x'.repeat(101) }));
  assert.deepEqual(error.details.map(({ field, constraint }) => [field, constraint]), [['identifier', 'string.max_len']]);
});

test('the state of an account is why a call fails, and the error says what ends it', async () => {
  const waiting = await pending(client);
  const suspended = await active(client);
  await client.accounts.suspend(suspended.id);
  const revoked = await active(client);
  await client.accounts.disconnect(revoked.id);
  for (const [{ id }, code, next_action] of [
    [waiting, 'ACCOUNT_PENDING', 'reauthorize'], [suspended, 'ACCOUNT_SUSPENDED', 'resume'], [revoked, 'ACCOUNT_REVOKED', 'reauthorize'],
  ] as const) {
    const error = await refused(AccountStateError, client.accounts.refreshTokens(id));
    assert.deepEqual([error.code, error.next_action], [code, next_action]);
    assert.equal((await client.accounts.get(id)).id, id, 'it can be read all the same');
  }
});

test('an account whose grant has ended is expired, says so, and can be authorized again', async () => {
  const { id } = await client.accounts.create({ connection_id: TEST_PROVIDER, identifier: newIdentifier(), test_mode: true });
  const { access_token } = await client.accounts.getTestTokens(id);
  await endGrant(await grantOf(access_token));
  const error = await refused(AccountStateError, client.accounts.refreshTokens(id));
  assert.deepEqual([error.code, error.next_action], ['ACCOUNT_EXPIRED', 'reauthorize']);
  const { status, status_reason, next_action } = await client.accounts.get(id);
  assert.deepEqual([status, status_reason, next_action], ['expired', error.reason, 'reauthorize']);
  assert.equal((await client.accounts.getHealth(id)).forecast.person_needed, 'now');

  assert.equal((await authorize(client, id)).status, 'active');
});

test('calls are counted in usage and health', async () => {
  const { id } = await active(client, 'test');
  const token = apiToken();
  for (const path of ['api/me', 'api/me', 'api/status/418']) {
    const answer = await fetch(`${SERVER_URL}/proxy/${path}`, { headers: { authorization: `Bearer ${token}`, 'connected-account-id': id } });
    assert.equal(answer.status, path.endsWith('418') ? 418 : 200);
  }
  // Calls are written down together with others, a moment later.
  const deadline = Date.now() + 10_000;
  let usage = await client.accounts.getUsage(id);
  while (usage.api_requests < 3 && Date.now() < deadline) {
    usage = await client.accounts.getUsage(id);
  }
  assert.deepEqual([usage.api_requests, usage.provider_errors, usage.tool_executions, usage.days.length], [3, 1, 0, 1]);
  assert.ok(Math.abs(usage.error_rate! - 1 / 3) < 0.001);
  const { api } = await client.accounts.getHealth(id);
  assert.deepEqual([api.calls, api.provider_errors], [3, 1]);
});

test('what does not exist is not found, with the code of its kind', async () => {
  const nothing = 'ca_00000000000000000000000000';
  for (const [code, call] of [
    ['ACCOUNT_NOT_FOUND', () => client.accounts.get(nothing)],
    ['ACCOUNT_NOT_FOUND', () => client.accounts.delete(nothing)],
    ['CONNECTION_NOT_FOUND', () => client.connections.get('gmial')],
    ['LINK_NOT_FOUND', () => client.links.revoke('nothing')],
    ['OPERATION_NOT_FOUND', () => client.bulkOperations.get('bulk_nothing')],
  ] as const) {
    assert.equal((await refused(NotFoundError, call())).code, code);
  }
});

test('an account that is deleted is gone, and its identifier can be connected anew', async () => {
  const { id, identifier } = await active(client);
  await client.accounts.delete(id);
  await refused(NotFoundError, client.accounts.get(id));
  const again = await client.accounts.create({ connection_id: GMAIL, identifier });
  assert.notEqual(again.id, id);
});

test('a write under a key of the application is done once', async () => {
  const account = { connection_id: GMAIL, identifier: newIdentifier() };
  const options = { idempotencyKey: newIdentifier() };
  const first = await client.accounts.create(account, options);
  assert.equal((await client.accounts.create(account, options)).id, first.id);
  const other = client.accounts.create({ ...account, identifier: newIdentifier() }, options);
  assert.equal((await refused(ConflictError, other)).code, 'IDEMPOTENCY_KEY_REUSED');
});

test('connections tell type and status', async () => {
  const connection = await client.connections.get(GMAIL);
  assert.deepEqual([connection.type, connection.status], ['CONNECTOR_TYPE_OAUTH2', 'CONNECTOR_STATUS_ACTIVE']);
  assert.equal((await client.connections.get('testkey')).type, 'CONNECTOR_TYPE_API_KEY');
  const names: string[] = [];
  for await (const { name } of client.connections.list({ page_size: 2 })) {
    names.push(name);
  }
  assert.ok([GMAIL, TEST_PROVIDER, 'gmail', 'test', 'testkey'].every((name) => names.includes(name)));
  const account = await pending(client);
  assert.deepEqual([account.connector_type, account.connector_status], ['CONNECTOR_TYPE_OAUTH2', 'CONNECTOR_STATUS_ACTIVE']);
});

test('the exchange takes the issuer, where the provider names it, and gives back the state of the application', async () => {
  const { id } = await pending(client, TEST_PROVIDER);
  const url = await client.accounts.getAuthUrl(id, { redirect_uri: CALLBACK, state: 'mine.own' });
  const { iss, ...came } = callback(await consent(url));
  assert.equal((await refused(BadRequestError, client.accounts.exchangeCodeDetails(id, came))).code, 'ISSUER_MISMATCH');
  const again = callback(await consent(await client.accounts.getAuthUrl(id, { redirect_uri: CALLBACK, state: 'mine.own' })));
  const done = await client.accounts.exchangeCodeDetails(id, again);
  assert.deepEqual([done.account.status, done.state], ['active', 'mine.own']);
});

test('links are made, used, listed and revoked', async () => {
  const user = await User.arrive();
  after(() => user.leave());
  const { id } = await pending(client, 'test');
  const link = await client.links.create(id, { max_uses: 2, expires_in: 600 });
  assert.deepEqual([link.state, link.max_uses, link.uses], ['usable', 2, 0]);
  await user.consent(link.url);
  assert.equal(await client.accounts.getStatus(id), 'active');
  const second = await client.links.create(id);
  const [newest, oldest] = await client.links.list(id);
  assert.deepEqual([newest!.id, newest!.url, oldest!.uses], [second.id, '', 1]);
  await client.links.revoke(second.id);
  assert.equal((await client.links.list(id))[0]!.state, 'revoked');
});

test('tokens are made with fewer permissions, listed and revoked', async () => {
  const name = newIdentifier();
  const { token, api_token } = await client.tokens.create({ name, permissions: ['connected_accounts:read'], expires_in: 600 });
  const reader = new AgentConnect({ baseUrl: SERVER_URL, apiToken: token });
  await reader.accounts.list();
  assert.deepEqual((await client.tokens.get(api_token.id)).permissions, ['connected_accounts:read']);
  assert.ok(ids(await client.tokens.list()).includes(api_token.id));
  assert.ok(!JSON.stringify(await client.tokens.list()).includes(token));
  await client.tokens.revoke(api_token.id);
  await refused(AuthenticationError, reader.accounts.list());
  assert.ok(!ids(await client.tokens.list()).includes(api_token.id));
  assert.ok(ids(await client.tokens.list({ include_inactive: true })).includes(api_token.id));
});

test('a credential is handed out to who was given the permission, and to nobody else', async () => {
  const { id } = await active(client);
  await refused(PermissionDeniedError, withToken().accounts.readCredential(id));
  const credential = await withToken('--allow-reading-credentials').accounts.readCredential(id);
  assert.match(credential.access_token!, /^at_/);
});

test('what happens to an account is told, also what happens later', async () => {
  const { id } = await pending(client);
  const kinds: string[] = [];
  const signal = AbortSignal.timeout(20_000);
  for await (const { kind, account_id, created_at } of client.events.follow({ account_id: id }, { interval: 20, signal })) {
    assert.equal(account_id, id);
    assert.ok(Date.parse(created_at) > 0);
    if (kinds.push(kind) === 1) {
      await client.accounts.suspend(id);
    } else if (kind === 'account.state_changed') {
      break;
    }
  }
  assert.ok(kinds.length > 1, kinds.join());
});

test('an operation is begun now and looked at later', async () => {
  const accounts = Array.from({ length: 1_200 }, () => ({ connection_id: GMAIL, identifier: newIdentifier() }));
  const begun = await client.bulkOperations.createAccounts({ accounts, wait_seconds: 0 });
  assert.equal(begun.total, 1_200);
  const results = await client.bulkOperations.wait(begun);
  assert.deepEqual([results.length, results.failed.length, results.operation.state], [1_200, 0, 'finished']);
  assert.deepEqual(results.map(({ account }) => account!.identifier), accounts.map(({ identifier }) => identifier));
  assert.equal((await client.bulkOperations.listResults(begun.id, { failed_only: true })).length, 0);

  const deleted = await client.accounts.deleteBulk(results.map(({ account_id }) => account_id));
  assert.equal(deleted.operation.succeeded, 1_200);
});

test('accounts that nobody needs are reported, and dealt with when told', async () => {
  const { id } = await active(client);
  const policy = { unused_days: 3_000, orphaned: true, connection_id: GMAIL };
  const reported: (Account | undefined)[] = [];
  for await (const { account } of client.cleanup.report(policy)) {
    reported.push(account);
  }
  assert.deepEqual(reported, []);
  const results = await client.cleanup.run({ policy, account_ids: [id], action: 'delete' });
  assert.deepEqual(results.failed.map(({ error }) => error!.code), ['CLEANUP_NOT_NEEDED']);
  assert.equal(await client.accounts.getStatus(id), 'active');
});

/** The error of a call that must fail with exactly this class. */
async function refused<T>(kind: new (...given: any[]) => T, call: Promise<unknown>): Promise<T> {
  const error = await call.then(() => assert.fail(`${kind.name} expected`), (caught) => caught);
  assert.equal(error?.constructor, kind, `${error}`);
  return error;
}
