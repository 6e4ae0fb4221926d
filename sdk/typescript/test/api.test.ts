/** Every operation of the server's document is sent by a method, as the document says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { operations } from '../scripts/document.mjs';
import type { AgentConnect } from '../src/index.ts';
import { client, serve } from './support/server.ts';

const ACCOUNT = { connection_id: 'gmail', identifier: 'user_1', identifier_type: 'user_id', test_mode: true } as const;
const POLICY = { unused_days: 90 };
const RUN = { policy: POLICY, account_ids: ['a b/c'], action: 'delete' } as const;

/** A call of each operation with all that it can be given. */
const CALLS: Record<string, (agentConnect: AgentConnect) => Promise<unknown>> = {
  CreateAccount: ({ accounts }) => accounts.create({ ...ACCOUNT, scopes: ['a'], settings: { timeout: 30 }, metadata: { a: { b: 1 } } }),
  ListAccounts: ({ accounts }) => accounts.list({ status: 'active', metadata: { a: 1 }, page_size: 7, page_token: 'p' }),
  GetAccount: ({ accounts }) => accounts.get('a b/c'),
  DeleteAccount: ({ accounts }) => accounts.delete('a b/c'),
  GetAccountStatus: ({ accounts }) => accounts.getStatus('a b/c'),
  GetTokenStatus: ({ accounts }) => accounts.getTokenStatus('a b/c'),
  RefreshTokens: ({ accounts }) => accounts.refreshTokens('a b/c'),
  SuspendAccount: ({ accounts }) => accounts.suspend('a b/c'),
  ResumeAccount: ({ accounts }) => accounts.resume('a b/c'),
  DisconnectAccount: ({ accounts }) => accounts.disconnect('a b/c'),
  GetMetadata: ({ accounts }) => accounts.getMetadata('a b/c'),
  UpdateMetadata: ({ accounts }) => accounts.updateMetadata('a b/c', { department: null }),
  ReplaceMetadata: ({ accounts }) => accounts.replaceMetadata('a b/c', { department: 'engineering' }),
  GetSettings: ({ accounts }) => accounts.getSettings('a b/c'),
  UpdateSettings: ({ accounts }) => accounts.updateSettings('a b/c', { auto_refresh: true, rate_limit: null }),
  ReadCredential: ({ accounts }) => accounts.readCredential('a b/c'),
  GetTestTokens: ({ accounts }) => accounts.getTestTokens('a b/c'),
  GetAuthUrl: ({ accounts }) => accounts.getAuthUrl('a b/c', { state: 's', redirect_uri: 'https://app.example', scopes: ['a'] }),
  ExchangeCode: ({ accounts }) => accounts.exchangeCode('a b/c', 'code', 'state', { iss: 'https://provider.example', parameters: { realmId: '1' } }),
  GetAccountHealth: ({ accounts }) => accounts.getHealth('a b/c'),
  GetAccountUsage: ({ accounts }) => accounts.getUsage('a b/c', { start_date: '2024-01-01', end_date: '2024-01-31' }),
  BulkCreateAccounts: ({ accounts }) => accounts.createBulk([ACCOUNT]),
  BulkRefreshTokens: ({ accounts }) => accounts.refreshTokensBulk(['ca_1']),
  BulkUpdateSettings: ({ accounts }) => accounts.updateSettingsBulk(['ca_1'], { rate_limit: 150 }),
  BulkDeleteAccounts: ({ accounts }) => accounts.deleteBulk(['ca_1']),
  GetBulkOperation: ({ bulkOperations }) => bulkOperations.get('a b/c'),
  ListBulkResults: ({ bulkOperations }) => bulkOperations.listResults('a b/c', { failed_only: true, page_size: 7 }),
  CreateLink: ({ links }) => links.create('a b/c', { expires_in: 600, max_uses: 2, return_url: 'https://app.example', scopes: ['a'] }),
  ListLinks: ({ links }) => links.list('a b/c'),
  RevokeLink: ({ links }) => links.revoke('a b/c'),
  ListConnections: ({ connections }) => connections.list({ provider: 'gmail' }),
  GetConnection: ({ connections }) => connections.get('a b/c'),
  SetRedirectUris: ({ connections }) => connections.setRedirectUris('a b/c', ['https://app.example/callback']),
  CreateApiToken: ({ tokens }) => tokens.create({ name: 'nightly', permissions: ['connected_accounts:read'], expires_in: 60 }),
  ListApiTokens: ({ tokens }) => tokens.list({ include_inactive: true }),
  GetApiToken: ({ tokens }) => tokens.get('a b/c'),
  RevokeApiToken: ({ tokens }) => tokens.revoke('a b/c'),
  ListEvents: ({ events }) => events.list({ kind: ['a', 'b'], since: new Date(0), page_size: 7 }),
  ReportCleanup: ({ cleanup }) => cleanup.report(POLICY, { page_size: 7 }),
  RunCleanup: ({ cleanup }) => cleanup.run(RUN),
};

/** An answer that every method can read. */
const ANYTHING = {
  state: 'finished', total: 0, results: [], accounts: [], connections: [], candidates: [], events: [], links: [], api_tokens: [],
  next_page_token: '', more: false,
};


test('there is a call here for every operation, and for nothing else', () => {
  assert.deepEqual(Object.keys(CALLS).sort(), operations().map(({ name }) => name).sort());
});

for (const { name, method, path, hasKey, places } of operations()) {
  test(`${name} is ${method} ${path} with fields that it has`, async () => {
    const server = await serve(() => ({ json: ANYTHING }));
    await CALLS[name]!(client(server));
    const [asked] = server.asked;
    assert.equal(server.asked.length, 1);
    assert.equal(`${asked!.method} ${asked!.path}`, `${method} ${path.replace(/\{\w+\}/, encodeURIComponent('a b/c'))}`);
    assert.equal('idempotency-key' in asked!.headers, hasKey);
    const queried = [...asked!.query.keys()];
    assert.deepEqual(queried.filter((key) => !places.query.includes(key)), []);
    const sent = asked!.body === '' ? [] : Object.keys(JSON.parse(asked!.body));
    assert.deepEqual(sent.filter((key) => !places.body.includes(key)), []);
    const given = [...queried, ...sent].length;
    assert.equal(given > 0, places.query.length + places.body.length > 0, 'the call gives something where it can');
  });
}

test('settings that are null get their defaults back', async () => {
  const server = await serve(() => ({ json: { settings: { timeout: 30 } } }));
  const { accounts } = client(server);
  await accounts.updateSettings('ca_1', { timeout: 30, rate_limit: null, auto_refresh: null });
  await accounts.updateSettings('ca_1', { auto_refresh: false });
  assert.deepEqual(server.asked.map(({ body }) => JSON.parse(body)), [
    { settings: { timeout: 30 }, unset: ['rate_limit', 'auto_refresh'] },
    { settings: { auto_refresh: false } },
  ]);
});
