/** What the Node SDK does that the Python SDK does not, and what both must see the same. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ScalekitNotFoundException } from '@scalekit-sdk/node';
import { ConnectorStatus, ConnectorType } from '@scalekit-sdk/node/lib/pkg/grpc/scalekit/v1/connected_accounts/connected_accounts_pb';

import { BRIEF, newIdentifier, PLAIN_URL, sdk, SERVER_URL } from '../support/clients.ts';

const client = sdk();
const { actions, organization: organizations } = client;
const TOKENS = { details: { case: 'oauthToken', value: { accessToken: 'at-1', refreshToken: 'rt-1', scopes: ['profile'] } } } as never;

let organizationId: string;
before(async () => (organizationId = (await organizations.createOrganization('Acme')).organization!.id));
after(() => organizations.deleteOrganization(organizationId));

test('get or create sends an empty token, which is no credential', async () => {
  const named = { connectionName: ' test ', identifier: ` ${newIdentifier()} ` };
  const first = (await actions.getOrCreateConnectedAccount(named)).connectedAccount!;
  assert.equal(first.status, ConnectorStatus.PENDING_AUTH);
  assert.equal(first.authorizationType, ConnectorType.OAUTH);
  assert.equal(first.identifier, named.identifier.trim());
  assert.ok(first.updatedAt);
  const second = (await actions.getOrCreateConnectedAccount(named)).connectedAccount!;
  assert.equal(second.id, first.id);
});

test('tokens make an account active, come back, and are replaced', async () => {
  const named = { connectionName: 'test', identifier: newIdentifier() };
  const created = (await actions.createConnectedAccount({ ...named, authorizationDetails: TOKENS })).connectedAccount!;
  assert.equal(created.status, ConnectorStatus.ACTIVE);
  assert.deepEqual(await token(named), { accessToken: 'at-1', refreshToken: 'rt-1' });

  const newer = { details: { case: 'oauthToken', value: { accessToken: 'at-2' } } } as never;
  await actions.upsertConnectedAccount({ ...named, authorizationDetails: newer });
  assert.equal((await token(named)).accessToken, 'at-2');
});

test('a key without the wrapper that names its kind is accepted on create and update', async () => {
  const named = { connectionName: 'testkey', identifier: newIdentifier() };
  const sloppy = { static_auth: { details: { api_key: 'test-key-good' } } } as never;
  const created = (await actions.createConnectedAccount({ ...named, authorizationDetails: sloppy })).connectedAccount!;
  assert.ok(created.authorizationDetails);
  const updated = (await actions.updateConnectedAccount({ ...named, authorizationDetails: sloppy })).connectedAccount!;
  assert.ok(updated.authorizationDetails);
  assert.equal(updated.id, created.id);
});

test('a key in its wrapper makes an account active', async () => {
  const named = { connectionName: 'testkey', identifier: newIdentifier() };
  const key = { details: { case: 'staticAuth', value: { details: { api_key: 'test-key-good' } } } } as never;
  const created = (await actions.createConnectedAccount({ ...named, authorizationDetails: key })).connectedAccount!;
  assert.equal(created.status, ConnectorStatus.ACTIVE);
  assert.equal(created.authorizationType, ConnectorType.API_KEY);
});

test('settings are merged by id and leave the credential alone', async () => {
  const named = { connectionName: 'gmail', identifier: newIdentifier() };
  const created = await actions.createConnectedAccount({
    ...named, authorizationDetails: TOKENS, apiConfig: { version: 'v1' },
  });
  const connectedAccountId = created.connectedAccount!.id;
  await actions.updateConnectedAccount({ connectedAccountId, apiConfig: { domain: 'acme.example' } });
  const read = (await actions.getConnectedAccount({ connectedAccountId })).connectedAccount!;
  assert.deepEqual(read.apiConfig, {
    version: 'v1', domain: 'acme.example', custom_headers: null, custom_auth_header: null, api_endpoint: null,
  });
  assert.equal((await token(named)).accessToken, 'at-1');
});

test('an account is deleted by its id and another one is made for the same user', async () => {
  const named = { connectionName: 'test', identifier: newIdentifier() };
  const first = (await actions.getOrCreateConnectedAccount(named)).connectedAccount!;
  await actions.deleteConnectedAccount({ connectedAccountId: first.id });
  await assert.rejects(actions.getConnectedAccount({ connectedAccountId: first.id }), ScalekitNotFoundException);
  const second = (await actions.getOrCreateConnectedAccount(named)).connectedAccount!;
  assert.notEqual(second.id, first.id);
});

test('lists are narrowed by text, connection and organization, and paged', async () => {
  const prefix = newIdentifier();
  const identifiers = ['a', 'b', 'c'].map((end) => `${prefix}-${end}`);
  for (const identifier of identifiers) {
    await actions.getOrCreateConnectedAccount({ connectionName: 'gmail', identifier, organizationId, userId: 'u-1' });
  }
  const all = await actions.listConnectedAccounts({ query: prefix, connectionNames: ['gmail'] });
  assert.deepEqual(all.connectedAccounts.map(({ identifier }) => identifier).sort(), identifiers);
  assert.ok(all.connectedAccounts.every(({ connector, provider }) => connector === 'gmail' && provider === 'GMAIL'));
  assert.equal(all.totalSize, 3);
  assert.equal(all.prevPageToken, '');
  assert.equal(all.nextPageToken, '');

  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await actions.listConnectedAccounts({ organizationId, userId: 'u-1', pageSize: 2, pageToken });
    seen.push(...page.connectedAccounts.map(({ identifier }) => identifier));
    pageToken = page.nextPageToken;
  } while (pageToken);
  assert.deepEqual(seen.sort(), identifiers);
});

test('an account of an organization is found with and without naming it, and goes with it', async () => {
  const own = (await organizations.createOrganization('Short lived')).organization!.id;
  const named = { connectionName: 'test', identifier: newIdentifier() };
  const created = (await actions.getOrCreateConnectedAccount({ ...named, organizationId: own })).connectedAccount!;
  for (const scope of [{}, { organizationId: own }]) {
    assert.equal((await actions.getConnectedAccount({ ...named, ...scope })).connectedAccount!.id, created.id);
  }
  await organizations.deleteOrganization(own);
  await assert.rejects(actions.getConnectedAccount(named), ScalekitNotFoundException);
});

test('connections are listed with the names that applications use', async () => {
  const { connections, totalSize } = await actions.listConnections({ pageSize: 30 });
  assert.ok(totalSize >= 3);
  const gmail = connections.find(({ connectionName }) => connectionName === 'gmail')!;
  assert.equal(gmail.provider, 'GMAIL');
  assert.equal(gmail.type, 'OAUTH');
  assert.equal(gmail.status, 'COMPLETED');
  assert.equal(gmail.enabled, true);
  assert.match(gmail.id, /^conn_/);
  assert.ok(gmail.createdAt);
  assert.deepEqual((await actions.listConnections({ provider: 'gmail' })).connections, [], 'providers are case-sensitive');
});

test('a token is validated with the published keys', async () => {
  const access = await client.getClientAccessToken();
  assert.equal(await client.validateAccessToken(access, { issuer: SERVER_URL }), true);
  const forged = access.slice(0, -8) + access.slice(-8).split('').reverse().join('');
  assert.equal(await client.validateAccessToken(forged), false);
});

test('a client over plain HTTP sees the same accounts as one over TLS', async () => {
  const named = { connectionName: 'test', identifier: newIdentifier() };
  const created = (await actions.getOrCreateConnectedAccount(named)).connectedAccount!;
  const plain = sdk('SCALEKIT_', PLAIN_URL).actions;
  assert.equal((await plain.getConnectedAccount(named)).connectedAccount!.id, created.id);
});

test('a client logs in again when its token has ended', async () => {
  const { actions } = sdk(BRIEF);
  const named = { connectionName: 'test', identifier: newIdentifier() };
  const created = (await actions.getOrCreateConnectedAccount(named)).connectedAccount!;
  const core = (actions as unknown as { coreClient: { accessToken: string } }).coreClient;
  const first = core.accessToken;
  const deadline = Date.now() + 30_000;
  while (core.accessToken === first) {
    assert.ok(Date.now() < deadline, 'the token does not end');
    assert.equal((await actions.getConnectedAccount(named)).connectedAccount!.id, created.id);
  }
});

async function token(named: { connectionName: string; identifier: string }) {
  const { details } = (await actions.getConnectedAccount(named)).connectedAccount!.authorizationDetails!;
  assert.equal(details.case, 'oauthToken');
  const { accessToken, refreshToken } = details.value as { accessToken: string; refreshToken: string };
  return { accessToken, refreshToken };
}
