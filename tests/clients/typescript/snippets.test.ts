/** The examples of the accounts API, run as they stand. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';

import { NotFoundError, type Account } from '@valetkey/sdk';

import {
  active, agentConnect, apiToken, CALLBACK, consent, exampleConnections, GMAIL, MAIL_SCOPE, pending,
} from '../support/connect.ts';
import { curl, exampleClient, exampleServer, program, PROGRAMS, run, SNIPPETS, TESTS } from '../support/examples.ts';
import { newIdentifier } from '../support/clients.ts';

const operatorClient = agentConnect();
let token: string;

before(async () => {
  token = apiToken();
  await exampleConnections(operatorClient);
  for (const identifier of ['user_123', 'user_1', 'user_2', 'test_user']) {
    for await (const { id } of operatorClient.accounts.list({ identifier })) {
      await operatorClient.accounts.delete(id);
    }
  }
});

/** A client to which `account_id` is this account, and further names are others. */
const clientOf = (account: Account, others: Record<string, string> = {}) =>
  exampleClient(token, { account_id: account.id, ...others });

test('with curl, an account is created, and through the example callback its user connects it', async () => {
  const account: Account = await curl(token);
  assert.equal(account.status, 'pending');
  assert.deepEqual(account.requested_scopes, [MAIL_SCOPE]);
  assert.deepEqual(account.settings, { auto_refresh: true, expires_in: 3600 });
  const client = clientOf(account);

  const { authUrl } = await run(client, 'auth_url', 'authUrl');
  const address = new URL(authUrl);
  assert.equal(address.searchParams.get('redirect_uri'), CALLBACK);
  assert.match(address.searchParams.get('state')!, /^[\w-]+\.custom_state_value$/);

  const server = await exampleServer();
  try {
    await run(client, 'callback');
    const done = await server.visit(await consent(authUrl));
    assert.equal(done.status, 200, JSON.stringify(done.json));
    assert.equal(done.json.status, 'success');
    assert.deepEqual([done.json.account.id, done.json.account.status], [account.id, 'active']);
  } finally {
    server.close();
  }

  const { account: read } = await run(client, 'get', 'account');
  const shown = JSON.parse(readFileSync(`${SNIPPETS}get.json`, 'utf8'));
  assert.deepEqual(Object.keys(shown).filter((key) => !(key in read)), [], 'all that the example shows is there');
  for (const key of ['identifier', 'identifier_type', 'provider', 'status']) {
    assert.equal(read[key], shown[key], key);
  }
  assert.deepEqual(Object.keys(read.metadata).sort(), Object.keys(shown.metadata).sort());
});

test('the example callback answers 400 where the user said no, and 500 with the message where the exchange fails', async () => {
  const account = await pending(operatorClient);
  const client = clientOf(account);
  const server = await exampleServer();
  try {
    await run(client, 'callback');
    const { authUrl } = await run(client, 'auth_url', 'authUrl');
    assert.deepEqual(await server.visit(await consent(authUrl, 'deny')), { status: 400, json: { error: 'access_denied' } });
    const failed = await server.visit(new URL(`${CALLBACK}?code=wrong&state=wrong`));
    assert.equal(failed.status, 500);
    assert.equal(typeof failed.json.error, 'string');
    assert.ok(failed.json.error.length > 0);
  } finally {
    server.close();
  }
});

test('tokens are refreshed and their status is read', async () => {
  const account = await active(operatorClient);
  const { refreshed, tokenStatus } = await run(clientOf(account), 'tokens', 'refreshed', 'tokenStatus');
  assert.equal(refreshed.status, 'active');
  assert.equal(tokenStatus.state, 'valid');
  assert.equal(tokenStatus.generation, 2);
});

test('the status is the state as a word', async () => {
  const account = await pending(operatorClient);
  assert.equal((await run(clientOf(account), 'status', 'status')).status, 'pending');
});

test('metadata is stored and read', async () => {
  const account = await pending(operatorClient);
  const { metadata } = await run(clientOf(account), 'metadata', 'metadata');
  assert.deepEqual(metadata, {
    user_email: 'user@example.com', department: 'engineering', preferences: { notification_settings: 'email', timezone: 'UTC' },
  });
});

test('settings are changed', async () => {
  const account = await pending(operatorClient);
  await run(clientOf(account), 'settings');
  const settings = await operatorClient.accounts.getSettings(account.id);
  assert.deepEqual(settings, { auto_refresh: true, rate_limit: 100, timeout: 30, retry_attempts: 3 });
});

test('accounts are created together and listed by connection and by status', async () => {
  const connected = await active(operatorClient);
  const { accounts, gmailAccounts, activeAccounts } = await run(clientOf(connected), 'create_and_list', 'accounts', 'gmailAccounts', 'activeAccounts');
  assert.deepEqual(accounts.map(({ identifier }: Account) => identifier), ['user_1', 'user_2']);
  const ids: string[] = [];
  for await (const { id } of gmailAccounts) {
    ids.push(id);
  }
  assert.ok([...accounts, connected].every(({ id }) => ids.includes(id)));
  assert.ok(gmailAccounts.every(({ connection_name }: Account) => connection_name === GMAIL));
  // Other tests have accounts too, so that these may be on a later page.
  const activeIds: string[] = [];
  for await (const { id } of activeAccounts) {
    activeIds.push(id);
  }
  assert.ok(activeIds.includes(connected.id));
  assert.ok(activeAccounts.every(({ status }: Account) => status === 'active'));
});

test('many are refreshed, each with a result, and changed', async () => {
  const [one, two, three] = [await active(operatorClient), await active(operatorClient), await pending(operatorClient)];
  const client = clientOf(one, { account_1: one.id, account_2: two.id, account_3: three.id });
  const { refreshResults } = await run(client, 'bulk', 'refreshResults');
  assert.deepEqual(refreshResults.map(({ state }: { state: string }) => state), ['succeeded', 'succeeded', 'failed']);
  assert.equal(refreshResults[2].error.code, 'ACCOUNT_PENDING');
  for (const { id } of [one, two]) {
    assert.deepEqual(await operatorClient.accounts.getSettings(id), { auto_refresh: true, rate_limit: 150 });
  }
});

test('the switch over error codes ends without an error of its own', async () => {
  const account = await pending(operatorClient);
  const client = clientOf(account);
  await run(client, 'errors');
  await operatorClient.accounts.delete(account.id);
  await assert.rejects(client.accounts.get('account_id'), { code: 'ACCOUNT_NOT_FOUND', constructor: NotFoundError });
  await run(client, 'errors');
});

test('health and usage are read', async () => {
  const account = await active(operatorClient);
  const { health } = await run(clientOf(account), 'health', 'health');
  assert.equal(health.token.state, 'valid');
  assert.equal(health.authentication.success_rate, 1);
  const { usage } = await run(clientOf(account), 'usage', 'usage');
  assert.deepEqual([usage.start_date, usage.end_date, usage.tool_executions], ['2024-01-01', '2024-01-31', 0]);
});

test('a test account is created and its tokens are handed out', async () => {
  const account = await operatorClient.accounts.create({
    connection_id: 'conn_test_provider', identifier: newIdentifier(), test_mode: true,
  });
  const { testAccount, testTokens } = await run(clientOf(account), 'test_account', 'testAccount', 'testTokens');
  assert.deepEqual([testAccount.identifier, testAccount.test_mode], ['test_user', true]);
  assert.ok(testTokens.access_token);
});

test('the examples pass the compiler', () => {
  const names = readdirSync(SNIPPETS).filter((name) => name.endsWith('.ts'));
  for (const name of names) {
    program(name.slice(0, -3));
  }
  // They are written as JavaScript is: what is caught and what comes from a request has no type.
  const loose = { noImplicitAny: false, useUnknownInCatchVariables: false };
  const compilerOptions = { ...loose, typeRoots: [`${TESTS}node_modules/@types`] };
  writeFileSync(`${PROGRAMS}tsconfig.json`, JSON.stringify({ extends: `${TESTS}tsconfig.json`, compilerOptions, include: ['*.ts'] }));
  execFileSync(`${TESTS}node_modules/.bin/tsc`, ['--noEmit', '--project', PROGRAMS], { stdio: 'pipe', encoding: 'utf8' });
});
