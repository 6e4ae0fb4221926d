/** Calls to the API of a provider through `actions.request()`. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { beforeEach, test } from 'node:test';

import {
  ScalekitBadRequestException,
  ScalekitForbiddenException,
  ScalekitInternalServerException,
  ScalekitNotFoundException,
  ScalekitTooManyRequestsException,
  ScalekitUnauthorizedException,
} from '@scalekit-sdk/node';

import { newIdentifier, PLAIN_URL, sdk, SERVER_URL } from '../support/clients.ts';
import { granted, type Granted } from '../support/granted.ts';
import { withFlatMemory } from '../support/memory.ts';
import { operator, whileProviderMisbehaves } from '../support/operator.ts';
import { refused } from '../support/refusals.ts';

type Options = Partial<Parameters<typeof actions.request>[0]>;

const LARGE = 200 * 1024 * 1024;
const PIECE = Buffer.alloc(1024 * 1024, 'v');
// Of the way between an application and this server; a provider must see nothing of it.
const OURS = ['connection_name', 'identifier', 'x-sdk-version', 'x-api-version', 'x-forwarded-for', 'forwarded', 'via'];

const { actions } = sdk();
let user: Granted;
// The SDK does not log in for a proxied call, only for the calls before it.
beforeEach(async () => (user = await granted(actions)));

test('a query arrives to the letter, lists in the way of the SDK', async () => {
  const queryParams = { b: ['x', 'y'], q: 'a b&c' };
  const { seen, answer } = await received({ path: '/api/request/notes%2F1', queryParams });
  assert.deepEqual([seen.method, seen.target], ['GET', '/api/request/notes%2F1?b%5B%5D=x&b%5B%5D=y&q=a+b%26c']);
  const names = seen.headers.map(([name]) => name);
  assert.equal(names.filter((name) => name === 'authorization').length, 1);
  assert.deepEqual(names.filter((name) => OURS.includes(name)), []);
  assert.match(answer.headers['x-valetkey-execution-id'], /^exec_/);
});

test('a path without a slash and the credential arrive', async () => {
  assert.deepEqual((await request({ path: 'api/me' })).data, { subject: user.identifier, scopes: ['profile', 'read'] });
  const [call] = await user.calls();
  assert.equal(call.headers.authorization, `Bearer ${user.token}`);
});

test('headers of the application arrive', async () => {
  const { seen } = await received({ path: '/api/request', headers: { 'X-Team': 'red', Accept: 'application/vnd.test+json' } });
  const headers = Object.fromEntries(seen.headers);
  assert.deepEqual([headers['x-team'], headers.accept], ['red', 'application/vnd.test+json']);
});

for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
  test(`JSON arrives with ${method}`, async () => {
    const body = { text: 'Grüße', list: [1, null, true] };
    const { data } = await request({ path: '/api/echo', method, body });
    assert.deepEqual([data.method, data.content_type], [method, 'application/json']);
    assert.deepEqual(JSON.parse(data.body), body);
  });
}

test('a form arrives as one where the application says that it is', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const { data } = await request({ path: '/api/echo', method: 'POST', formData: { a: '1 2', b: 'x&y' }, headers });
  assert.equal(data.content_type, 'application/x-www-form-urlencoded');
  assert.deepEqual([...new URLSearchParams(data.body)], [['a', '1 2'], ['b', 'x&y']]);
});

test('a raw body arrives byte by byte', async () => {
  const body = Buffer.from(Array.from({ length: 256_000 }, (_, number) => number % 256));
  const { seen } = await received({ path: '/api/request', method: 'PUT', body, headers: { 'content-type': 'image/png' } });
  assert.deepEqual([seen.length, seen.sha256], [body.length, createHash('sha256').update(body).digest('hex')]);
  assert.equal(Object.fromEntries(seen.headers)['content-type'], 'image/png');
});

test('a client over plain HTTP gets the same', async () => {
  const plain = sdk('SCALEKIT_', PLAIN_URL).actions;
  await plain.listConnections();
  const { data } = await plain.request({ connectionName: 'test', identifier: user.identifier, path: '/api/me' });
  assert.equal(data.subject, user.identifier);
});

for (const [status, kind] of [
  [401, ScalekitUnauthorizedException],
  [403, ScalekitForbiddenException],
  [429, ScalekitTooManyRequestsException],
  [500, ScalekitInternalServerException],
] as const) {
  test(`a ${status} of the provider has its class and what the provider says, and is sent once`, async () => {
    const error = await refused(kind, request({ path: `/api/status/${status}`, method: 'POST' }));
    assert.deepEqual(error.errDetails, { error: { code: `test_${status}`, message: `status ${status} was asked for` } });
    // A 401 is tried once more with a renewed token, by the server.
    assert.equal((await user.calls()).length, status === 401 ? 2 : 1);
  });
}

test('t37 a refused token is renewed without the application noticing', async () => {
  const late = { misbehaviour: 'api_unauthorized_until_refreshed', grant: user.grant };
  const { data } = await whileProviderMisbehaves([late], () => request({ path: '/api/echo', method: 'POST', body: { a: 1 } }));
  assert.equal(data.body, '{"a":1}');
  assert.equal((await user.calls()).length, 2);
});

test('what does not exist is not found', async () => {
  for (const wrong of [{ connectionName: 'nothing' }, { identifier: newIdentifier() }]) {
    const error = await refused(ScalekitNotFoundException, request({ path: '/api/me', ...wrong }));
    assert.equal(code(error), 'RESOURCE_NOT_FOUND');
  }
});

test('an account that is not active is told with the way back', async () => {
  operator('account', 'disconnect', '--connection', 'test', '--identifier', user.identifier, '--environment', 'dev');
  const error = await refused(ScalekitBadRequestException, request({ path: '/api/me' }));
  assert.equal(code(error), 'ACCOUNT_NOT_ACTIVE');
  assert.ok(JSON.stringify(error.errDetails).includes(`${SERVER_URL}/api/v1/connected_accounts/magic_link`));
  assert.deepEqual(await user.calls(), []);
});

test('a client that has not logged in is refused', async () => {
  const call = sdk().actions.request({ connectionName: 'test', identifier: user.identifier, path: '/api/me' });
  assert.equal(code(await refused(ScalekitUnauthorizedException, call)), 'UNAUTHENTICATED');
});

test('a download of 200 MB needs no memory', async () => {
  const { data } = await withFlatMemory('download of 200 MB', () => request({ path: `/api/download/${LARGE}` }));
  assert.equal(data.length, LARGE);
});

test('an upload of 200 MB needs no memory', async () => {
  const pieces = Array<Buffer>(LARGE / PIECE.length).fill(PIECE);
  const expected = createHash('sha256');
  pieces.forEach((piece) => expected.update(piece));
  const upload = { path: '/api/request', method: 'POST', body: Readable.from(pieces) };
  const { seen } = await withFlatMemory('upload of 200 MB', () => received(upload));
  assert.deepEqual([seen.length, seen.sha256], [LARGE, expected.digest('hex')]);
});

/** `actions.request()` for the account of the user. */
function request(options: Options) {
  return actions.request({ connectionName: 'test', identifier: user.identifier, path: '/', ...options });
}

/** What the provider says that came: method, path with query, headers, length and SHA-256 of the body. */
async function received(options: Options) {
  const answer = await request(options);
  type Seen = { method: string; target: string; headers: [string, string][]; length: number; sha256: string };
  return { answer, seen: answer.data as Seen };
}

/** The code of an error of this server. */
function code(error: { errDetails: any }): string {
  return error.errDetails.details[0].error_code;
}
