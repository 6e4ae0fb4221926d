/** What is repeated, how often, after what time, and under which key. */
import assert from 'node:assert/strict';
import { mock, test, afterEach, beforeEach } from 'node:test';

import { ConnectionError, RateLimitError, ServerError, TimeoutError } from '../src/index.ts';
import { delayAfter, sleep } from '../src/retry.ts';
import { client, failure, inTurn, refusal, serve, type Answer } from './support/server.ts';

const ACCOUNT = { json: { id: 'ca_1', status: 'active' } };

// The shortest of all possible waits.
beforeEach(() => void mock.method(Math, 'random', () => 0));
afterEach(() => mock.restoreAll());

const TROUBLES: [string, Answer][] = [
  ['a broken connection', 'drop'],
  ['429', { ...(refusal(429, 'RATE_LIMITED') as object), headers: { 'retry-after': '0' } }],
  ['502 of a proxy', { status: 502, text: '<h1>Bad Gateway</h1>' }],
  ['503', refusal(503, 'UNAVAILABLE')],
  ['504', { status: 504, text: '' }],
];

for (const [name, trouble] of TROUBLES) {
  test(`after ${name} a call is repeated, a write under the same key`, async () => {
    const server = await serve(inTurn(trouble, trouble, ACCOUNT));
    assert.equal((await client(server).accounts.suspend('ca_1')).status, 'active');
    const keys = server.asked.map(({ headers }) => headers['idempotency-key']);
    assert.equal(keys.length, 3);
    assert.match(String(keys[0]), /^[0-9a-f-]{36}$/);
    assert.equal(new Set(keys).size, 1);
  });
}

test('what is only read has no key and is repeated too', async () => {
  const server = await serve(inTurn('drop', ACCOUNT));
  await client(server).accounts.get('ca_1');
  assert.deepEqual(server.asked.map(({ headers }) => headers['idempotency-key']), [undefined, undefined]);
});

test('each write has a key of its own, or the one that is given', async () => {
  const server = await serve(() => ACCOUNT);
  const { accounts } = client(server);
  await accounts.suspend('ca_1');
  await accounts.suspend('ca_1');
  await accounts.suspend('ca_1', { idempotencyKey: 'order-7' });
  const keys = server.asked.map(({ headers }) => headers['idempotency-key']);
  assert.notEqual(keys[0], keys[1]);
  assert.equal(keys[2], 'order-7');
});

test('what is final is not repeated', async () => {
  for (const status of [400, 401, 403, 404, 409, 500, 501]) {
    const server = await serve(() => refusal(status, 'SOME_CODE'));
    await failure(client(server).accounts.suspend('ca_1'));
    assert.equal(server.asked.length, 1, `${status}`);
  }
});

test('a call is repeated so often and no more', async () => {
  const server = await serve(() => refusal(503, 'UNAVAILABLE'));
  assert.ok(await failure(client(server).accounts.get('ca_1')) instanceof ServerError);
  assert.equal(server.asked.length, 3);
  await failure(client(server, { maxRetries: 0 }).accounts.get('ca_1'));
  assert.equal(server.asked.length, 4);
  await failure(client(server).accounts.get('ca_1', { maxRetries: 1 }));
  assert.equal(server.asked.length, 6);
});

test('a server that is not there is a connection error that says why', async () => {
  const server = await serve(() => ACCOUNT);
  server.close();
  const error = await failure(client(server).accounts.get('ca_1'));
  assert.equal(error.constructor, ConnectionError);
  assert.deepEqual([error.code, error.status], ['CONNECTION_FAILED', 0]);
  assert.match(error.message, /^GET \/v1\/connect\/accounts\/ca_1 did not reach the server: .*ECONNREFUSED/);
  assert.ok(error.cause);
});

test('an attempt that takes too long ends, and the next one may succeed', async () => {
  const server = await serve(inTurn('hang', ACCOUNT));
  await client(server, { timeout: 100 }).accounts.get('ca_1');
  const silent = await serve(() => 'hang');
  const error = await failure(client(silent).accounts.get('ca_1', { timeout: 20, maxRetries: 1 }));
  assert.equal(error.constructor, TimeoutError);
  assert.equal(error.code, 'TIMEOUT');
  assert.equal(silent.asked.length, 2);
});

test('a signal ends a call on its way, with its reason', async () => {
  const controller = new AbortController();
  const server = await serve(() => {
    controller.abort(new Error('enough'));
    return 'hang';
  });
  assert.equal((await failure(client(server).accounts.get('ca_1', controller))).message, 'enough');
  assert.equal(server.asked.length, 1);
});

test('a signal ends the wait before a repetition', async () => {
  const controller = new AbortController();
  const waiting = failure(sleep(50_000, controller.signal));
  controller.abort(new Error('enough'));
  assert.equal((await waiting).message, 'enough');
});

test('a signal that has fired lets nothing be sent', async () => {
  const server = await serve(() => ACCOUNT);
  await failure(client(server).accounts.get('ca_1', { signal: AbortSignal.abort() }));
  assert.equal(server.asked.length, 0);
});

test('waits double, are random, and end at eight seconds; the wish of the server comes first', () => {
  mock.restoreAll();
  mock.method(Math, 'random', () => 0.5);
  const busy = new ServerError({ code: 'UNAVAILABLE', message: '', status: 503 });
  assert.deepEqual([0, 1, 2, 9].map((repetitions) => delayAfter(busy, repetitions)), [250, 500, 1_000, 4_000]);
  const limited = (retry_after: number) => new RateLimitError({ code: 'RATE_LIMITED', message: '', status: 429, retry_after });
  assert.equal(delayAfter(limited(7_000), 0), 7_000);
  assert.equal(delayAfter(limited(3_600_000), 0), undefined);
});

test('a server that asks for an hour gets the caller to decide', async () => {
  const server = await serve(() => ({ ...(refusal(429, 'RATE_LIMITED') as object), headers: { 'retry-after': '3600' } }));
  const error = await failure(client(server).accounts.get('ca_1'));
  assert.ok(error instanceof RateLimitError);
  assert.equal(error.retry_after, 3_600_000);
  assert.equal(server.asked.length, 1);
});
