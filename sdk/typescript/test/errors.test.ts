/** What a call fails with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';

import * as sdk from '../src/index.ts';
import { client, failure, refusal, serve } from './support/server.ts';

const CLASSES = [
  [400, 'INVALID_ARGUMENT', sdk.BadRequestError],
  [400, 'ACCOUNT_EXPIRED', sdk.AccountStateError],
  [409, 'ACCOUNT_REVOKED', sdk.AccountStateError],
  [401, 'UNAUTHENTICATED', sdk.AuthenticationError],
  [403, 'INVALID_PERMISSIONS', sdk.PermissionDeniedError],
  [404, 'ACCOUNT_NOT_FOUND', sdk.NotFoundError],
  [409, 'ACCOUNT_ALREADY_EXISTS', sdk.ConflictError],
  [418, 'SOMETHING_NEW', sdk.AgentConnectError],
  [429, 'RATE_LIMITED', sdk.RateLimitError],
  [500, 'INTERNAL', sdk.ServerError],
  [501, 'NOT_IMPLEMENTED', sdk.ServerError],
] as const;

for (const [status, code, kind] of CLASSES) {
  test(`${status} ${code} has the class ${kind.name}`, async () => {
    const server = await serve(() => refusal(status, code));
    const error = await failure(client(server, { maxRetries: 0 }).accounts.get('ca_1'));
    assert.equal(error.constructor, kind);
    assert.ok(error instanceof sdk.AgentConnectError);
    assert.ok(error instanceof Error);
    assert.equal(error.name, kind.name);
    assert.deepEqual([error.code, error.status, error.message], [code, status, `${code} happened`]);
  });
}

test('an error has all that the server said', async () => {
  const details = [{ field: 'identifier', description: 'is too long', constraint: 'string.max_len' }];
  const said = { reason: 'refresh_failed', next_action: 'reauthorize', request_id: 'req_7', details };
  const server = await serve(() => refusal(400, 'ACCOUNT_EXPIRED', said));
  const { reason, next_action, request_id, details: told } = await failure(client(server).accounts.refreshTokens('ca_1'));
  assert.deepEqual({ reason, next_action, request_id, details: told }, said);
});

test('the switch over codes of an application sees a code that nobody knew', async () => {
  const server = await serve(() => refusal(400, 'CODE_OF_TOMORROW'));
  const error: sdk.AgentConnectError = await failure(client(server).accounts.get('ca_1'));
  switch (error.code) {
    case 'ACCOUNT_NOT_FOUND':
    case 'ACCOUNT_EXPIRED':
      assert.fail(error.code);
      break;
    default:
      assert.equal(error.code, 'CODE_OF_TOMORROW');
  }
});

test('an answer that is not of this API says where it came from', async () => {
  const server = await serve(() => ({ status: 200, text: '<h1>Welcome</h1>' }));
  const error = await failure(client(server).accounts.get('ca_1'));
  assert.deepEqual([error.code, error.status], ['UNEXPECTED_ANSWER', 200]);
  assert.match(error.message, /^GET \/v1\/connect\/accounts\/ca_1 answered 200 without the JSON of this API/);
});

test('a redirect is not followed, so the token goes nowhere else', async () => {
  const elsewhere = await serve(() => ({ json: {} }));
  const server = await serve(() => ({ status: 307, headers: { location: elsewhere.url } }));
  assert.equal((await failure(client(server).accounts.suspend('ca_1'))).code, 'UNEXPECTED_ANSWER');
  assert.equal(elsewhere.asked.length, 0);
});

test('neither the client nor an error shows a secret', async () => {
  const server = await serve(() => refusal(401, 'UNAUTHENTICATED'));
  for (const secret of [{ apiToken: 'vkt_secret' }, { clientId: 'skc_1', clientSecret: 'vkt_secret' }]) {
    const agentConnect = new sdk.AgentConnect({ baseUrl: server.url, ...secret } as sdk.AgentConnectOptions);
    const error = await failure(agentConnect.accounts.get('ca_1'));
    const shown = inspect([agentConnect, error], { depth: 20, showHidden: true }) + JSON.stringify([agentConnect, error]);
    assert.ok(!shown.includes('vkt_secret'), shown);
  }
});

test('a client without anything to authenticate with, or without an address, is not made', () => {
  const options = { baseUrl: 'https://valetkey.example' } as sdk.AgentConnectOptions;
  assert.throws(() => new sdk.AgentConnect(options), /needs apiToken, or clientId and clientSecret/);
  assert.throws(() => new sdk.AgentConnect({ baseUrl: 'valetkey', apiToken: 'vkt_1' }), TypeError);
});

test('an id that would lead elsewhere is refused before anything is sent', async () => {
  const server = await serve(() => ({ json: {} }));
  for (const id of ['', '.', '..', undefined as unknown as string]) {
    assert.match((await failure(client(server).accounts.get(id))).message, /^GetAccount needs account_id, which is /);
  }
  assert.equal(server.asked.length, 0);
  await client(server).accounts.get('../tokens?x=1#y');
  assert.equal(server.asked[0]!.path, '/v1/connect/accounts/..%2Ftokens%3Fx%3D1%23y');
});
