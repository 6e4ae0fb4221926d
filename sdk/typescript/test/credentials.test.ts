/** How a client of client credentials gets, shares and renews its token. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AuthenticationError } from '../src/index.ts';
import { client, failure, refusal, serve, type Answer, type Asked } from './support/server.ts';

const CREDENTIALS = { apiToken: undefined, clientId: 'skc_1', clientSecret: 'vks_1' } as const;

/** A server that issues tokens `t1`, `t2`, … and accepts those that `accepts` does. */
function issuing({ expires_in = 3600, accepts = (_: string): boolean => true, token = undefined as Answer | undefined } = {}) {
  let issued = 0;
  return serve((asked: Asked) => {
    if (asked.path === '/oauth/token') {
      return token ?? { json: { access_token: `t${(issued += 1)}`, token_type: 'Bearer', expires_in } };
    }
    const isAccepted = accepts(asked.headers.authorization!.replace('Bearer ', ''));
    return isAccepted ? { json: { id: 'ca_1' } } : refusal(401, 'UNAUTHENTICATED');
  });
}

const tokenRequests = (asked: Asked[]) => asked.filter(({ path }) => path === '/oauth/token');
const tokensSent = (asked: Asked[]) => asked.flatMap(({ headers }) => headers.authorization ?? []);

test('an API token is sent as it is', async () => {
  const server = await issuing();
  await client(server).accounts.get('ca_1');
  assert.deepEqual(tokensSent(server.asked), ['Bearer vkt_test']);
});

test('callers that begin together share one request for a token, which has id and secret in its body', async () => {
  const server = await issuing();
  const { accounts } = client(server, CREDENTIALS);
  await Promise.all([1, 2, 3, 4, 5].map(() => accounts.get('ca_1')));
  await accounts.get('ca_1');
  assert.deepEqual(tokenRequests(server.asked).map(({ body }) => body), [
    'grant_type=client_credentials&client_id=skc_1&client_secret=vks_1',
  ]);
  assert.deepEqual(new Set(tokensSent(server.asked)), new Set(['Bearer t1']));
});

test('a token is renewed when it has ended', async () => {
  const server = await issuing({ expires_in: 0 });
  const { accounts } = client(server, CREDENTIALS);
  await accounts.get('ca_1');
  await accounts.get('ca_1');
  assert.deepEqual(tokensSent(server.asked), ['Bearer t1', 'Bearer t2']);
});

test('a token that is refused is replaced once', async () => {
  const server = await issuing({ accepts: (token) => token !== 't1' });
  const { accounts } = client(server, CREDENTIALS);
  await Promise.all([accounts.get('ca_1'), accounts.get('ca_1')]);
  assert.equal(tokenRequests(server.asked).length, 2);

  const strict = await issuing({ accepts: () => false });
  const error = await failure(client(strict, CREDENTIALS).accounts.get('ca_1'));
  assert.ok(error instanceof AuthenticationError);
  assert.deepEqual(tokensSent(strict.asked), ['Bearer t1', 'Bearer t2']);
});

test('a wrong secret is an authentication error with what the token endpoint said', async () => {
  const token = { status: 401, json: { error: 'invalid_client', error_description: 'no such client' } };
  const server = await issuing({ token });
  const error = await failure(client(server, CREDENTIALS).accounts.get('ca_1'));
  assert.ok(error instanceof AuthenticationError);
  assert.equal(error.code, 'INVALID_CLIENT');
  assert.match(error.message, /no such client/);
  assert.equal(server.asked.length, 1);
  assert.equal((await failure(client(server, CREDENTIALS).accounts.get('ca_1', new AbortController()))).code, 'INVALID_CLIENT');
});

test('a failed request for a token does not stay', async () => {
  let isDown = true;
  const server = await serve(({ path }) => {
    if (path !== '/oauth/token') {
      return { json: { id: 'ca_1' } };
    }
    return isDown ? refusal(500, 'INTERNAL') : { json: { access_token: 't1', expires_in: 60 } };
  });
  const { accounts } = client(server, CREDENTIALS);
  await failure(accounts.get('ca_1'));
  isDown = false;
  assert.equal((await accounts.get('ca_1')).id, 'ca_1');
});

test('a caller that gives up does not take the token away from the others', async () => {
  const gate = withResolvers();
  const server = await serve(async ({ path }) => {
    if (path === '/oauth/token') {
      await gate.promise;
      return { json: { access_token: 't1', expires_in: 60 } };
    }
    return { json: { id: 'ca_1' } };
  });
  const { accounts } = client(server, CREDENTIALS);
  const controller = new AbortController();
  const leaving = failure(accounts.get('ca_1', controller));
  const staying = accounts.get('ca_1');
  controller.abort(new Error('enough'));
  assert.equal((await leaving).message, 'enough');
  gate.resolve();
  assert.equal((await staying).id, 'ca_1');
  assert.equal(tokenRequests(server.asked).length, 1);
});

function withResolvers() {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
