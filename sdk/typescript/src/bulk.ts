import { getBulkOperation, listBulkResults } from './generated/operations.js';
import type { Account, BulkOperation, BulkResult, ListBulkResultsResponse } from './generated/schemas.js';
import type { RequestOptions } from './options.js';
import { list } from './page.js';
import { sleep } from './retry.js';
import type { Transport } from './transport.js';

/** How often an operation is looked at that goes on, in milliseconds: at first, and in the end. */
const FIRST_LOOK = 250;
const LONGEST_LOOK = 5_000;
/** Seconds that the server waits for the end of an operation before it answers, at the most. */
const LONGEST_WAIT = 30;

/** What became of each item of a finished operation, in the order of the items. */
export class BulkResults extends Array<BulkResult> {
  /** The operation, with its counts. */
  readonly operation: BulkOperation;

  constructor(operation: BulkOperation, results: readonly BulkResult[]) {
    super();
    for (const result of results) {
      this.push(result);
    }
    this.operation = operation;
  }

  /** What `map` and `filter` make of results is an array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** The items that failed; `error` says why. */
  get failed(): BulkResult[] {
    return this.filter(({ state }) => state === 'failed');
  }
}

/** The accounts of a finished operation whose items succeeded, in the order of the items. */
export class BulkAccounts extends Array<Account> {
  /** What became of each item. */
  readonly results: BulkResults;

  constructor(results: BulkResults) {
    super();
    for (const { account } of results) {
      if (account) {
        this.push(account);
      }
    }
    this.results = results;
  }

  /** What `map` and `filter` make of accounts is an array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** The operation, with its counts. */
  get operation(): BulkOperation {
    return this.results.operation;
  }

  /** The items that failed; `error` says why. */
  get failed(): BulkResult[] {
    return this.results.failed;
  }
}

/** Seconds to let the server wait, so that its answer comes well before an attempt times out. */
export function waitSeconds(transport: Transport, { timeout = transport.timeout }: RequestOptions = {}): number {
  return Math.min(LONGEST_WAIT, Math.floor(timeout / 2_000));
}

/** Waits for the end of an operation, and reads what became of its items. */
export async function finished(
  transport: Transport,
  begun: BulkOperation,
  options: RequestOptions = {},
): Promise<BulkResults> {
  const reading = { ...options, idempotencyKey: undefined };
  let operation = begun;
  for (let look = FIRST_LOOK; operation.state !== 'finished'; look = Math.min(LONGEST_LOOK, look * 2)) {
    await sleep(look, options.signal);
    operation = await transport.call(getBulkOperation, { operation_id: operation.id }, reading);
  }
  const { results, ...facts } = operation;
  const all = results.length === operation.total ? results : await collect(transport, operation, reading);
  return new BulkResults({ ...facts, results: all }, all);
}

async function collect(transport: Transport, { id }: BulkOperation, options: RequestOptions): Promise<BulkResult[]> {
  const lister = { operation: listBulkResults, items: (answer: ListBulkResultsResponse) => answer.results };
  const all: BulkResult[] = [];
  for await (const result of list(transport, lister, { operation_id: id }, options)) {
    all.push(result);
  }
  return all;
}
