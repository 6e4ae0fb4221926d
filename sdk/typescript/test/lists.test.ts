/** Pages, the journal, and operations on many accounts. */
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { BulkAccounts, Page, type BulkResult } from '../src/index.ts';
import { client, serve, type Asked } from './support/server.ts';

const PAGES: Record<string, object> = {
  '': { accounts: [{ id: 'ca_1' }, { id: 'ca_2' }], next_page_token: 'p2', total_size: 3 },
  p2: { accounts: [{ id: 'ca_3' }], next_page_token: '', total_size: 3 },
};

const pages = () => serve(({ query }) => ({ json: PAGES[query.get('page_token') ?? ''] }));

test('a list is an array of the first page, with what the server says about the rest', async () => {
  const page = await client(await pages()).accounts.list();
  assert.ok(page instanceof Page);
  assert.ok(Array.isArray(page));
  assert.deepEqual(page.map(({ id }) => id), ['ca_1', 'ca_2']);
  assert.equal(page.filter(() => true).constructor, Array);
  assert.deepEqual([page.length, page.next_page_token, page.total_size, page.hasNextPage()], [2, 'p2', 3, true]);
  const next = (await page.nextPage())!;
  assert.deepEqual([next[0]!.id, next.hasNextPage(), await next.nextPage()], ['ca_3', false, undefined]);
});

test('a loop over a list, or over a page, goes through all pages', async () => {
  const server = await pages();
  const { accounts } = client(server);
  for (const all of [accounts.list({ status: 'active' }), await accounts.list({ status: 'active' })]) {
    const ids: string[] = [];
    for await (const { id } of all) {
      ids.push(id);
    }
    assert.deepEqual(ids, ['ca_1', 'ca_2', 'ca_3']);
  }
  assert.ok(server.asked.every(({ query }) => query.get('status') === 'active'));
});

test('a loop that is left asks for no further page', async () => {
  const server = await pages();
  for await (const _ of client(server).accounts.list()) {
    break;
  }
  assert.equal(server.asked.length, 1);
});

test('filters become parameters', async () => {
  const server = await pages();
  await client(server).accounts.list({
    connection_id: 'gmail', status: ['active', 'expired'], test_mode: false, updated_since: new Date(0), page_size: 2,
    provider: undefined, metadata: { department: 'engineering', preferences: { timezone: 'UTC', level: { mail: 3 } } },
  });
  assert.deepEqual([...server.asked[0]!.query], [
    ['connection_id', 'gmail'], ['status', 'active'], ['status', 'expired'], ['test_mode', 'false'],
    ['updated_since', '1970-01-01T00:00:00.000Z'], ['page_size', '2'], ['metadata', 'department=engineering'],
    ['metadata', 'preferences.timezone=UTC'], ['metadata', 'preferences.level.mail=3'],
  ]);
});

/** A journal with a token after every page. */
function journal(events: string[]) {
  return serve(({ query }: Asked) => {
    const from = Number(query.get('page_token') ?? 0);
    const told = events.slice(from, from + 2);
    const more = from + told.length < events.length;
    return { json: { events: told.map((id) => ({ id })), next_page_token: String(from + told.length), more } };
  });
}

test('a loop over the journal ends where nothing has come yet', async () => {
  const server = await journal(['e1', 'e2', 'e3']);
  const ids: string[] = [];
  for await (const { id } of client(server).events.list()) {
    ids.push(id);
  }
  assert.deepEqual(ids, ['e1', 'e2', 'e3']);
});

test('who follows the journal gets what comes later', async () => {
  const events = ['e1', 'e2', 'e3'];
  const server = await journal(events);
  const ids: string[] = [];
  for await (const { id } of client(server).events.follow({ kind: ['account.state_changed'] }, { interval: 1 })) {
    ids.push(id);
    if (id === 'e3') {
      events.push('e4');
    } else if (id === 'e4') {
      break;
    }
  }
  assert.deepEqual(ids, ['e1', 'e2', 'e3', 'e4']);
  assert.ok(server.asked.every(({ query }) => query.get('kind') === 'account.state_changed'));
});

const RESULTS: Partial<BulkResult>[] = [
  { index: 0, state: 'succeeded', account: { id: 'ca_1' } as never, created: true },
  { index: 1, state: 'failed', error: { code: 'CONNECTION_NOT_FOUND' } as never },
  { index: 2, state: 'succeeded', account: { id: 'ca_2' } as never, created: false },
];
const FINISHED = { id: 'bulk_1', kind: 'create', state: 'finished', total: 3, succeeded: 2, failed: 1 };

test('accounts that are created together are an array, and what failed is beside it', async () => {
  const server = await serve(() => ({ json: { ...FINISHED, results: RESULTS } }));
  const items = [1, 2, 3].map((number) => ({ connection_id: 'gmail', identifier: `user_${number}` }));
  const accounts = await client(server).accounts.createBulk(items);
  assert.ok(accounts instanceof BulkAccounts);
  assert.deepEqual(accounts.map(({ id }) => id), ['ca_1', 'ca_2']);
  assert.deepEqual(accounts.failed.map(({ index, error }) => [index, error!.code]), [[1, 'CONNECTION_NOT_FOUND']]);
  assert.equal(accounts.operation.id, 'bulk_1');
  assert.equal(accounts.results.length, 3);
  const sent = JSON.parse(server.asked[0]!.body);
  assert.deepEqual(sent, { accounts: items, wait_seconds: 30 });
});

test('an operation that goes on is looked at until it is finished, and its results are read page by page', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const looks = ['running', 'running', 'finished'];
  const server = await serve(({ path, query }) => {
    if (path === '/v1/connect/accounts:bulk-refresh') {
      return { json: { ...FINISHED, state: 'running', results: [] } };
    }
    if (path === '/v1/connect/bulk-operations/bulk_1') {
      return { json: { ...FINISHED, state: looks.shift(), results: [] } };
    }
    const from = Number(query.get('page_token') ?? 0);
    return { json: { results: RESULTS.slice(from, from + 2), next_page_token: from === 0 ? '2' : '' } };
  });
  const ticking = setInterval(() => mock.timers.tick(10_000), 1);
  const results = await client(server).accounts.refreshTokensBulk(['ca_1', 'ca_x', 'ca_2']);
  clearInterval(ticking);
  mock.timers.reset();
  assert.deepEqual(results.map(({ index }) => index), [0, 1, 2]);
  assert.deepEqual(results.failed.map(({ index }) => index), [1]);
  assert.deepEqual(looks, []);
});

test('the server is let wait no longer than half the time that an attempt may take', async () => {
  const server = await serve(() => ({ json: { ...FINISHED, results: RESULTS } }));
  const { accounts, bulkOperations } = client(server, { timeout: 10_000 });
  const account_ids = ['ca_1', 'ca_2', 'ca_3'];
  await accounts.deleteBulk(account_ids);
  await bulkOperations.deleteAccounts({ account_ids });
  await bulkOperations.deleteAccounts({ account_ids, wait_seconds: 0 });
  assert.deepEqual(server.asked.map(({ body }) => JSON.parse(body).wait_seconds), [5, 5, 0]);
});
