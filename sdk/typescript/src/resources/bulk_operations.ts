import { finished, waitSeconds, type BulkResults } from '../bulk.js';
import {
  bulkCreateAccounts, bulkDeleteAccounts, bulkRefreshTokens, bulkUpdateSettings, getBulkOperation, listBulkResults,
} from '../generated/operations.js';
import type {
  BulkCreateAccountsRequest, BulkDeleteAccountsRequest, BulkOperation, BulkRefreshTokensRequest, BulkResult,
  BulkUpdateSettingsRequest, ListBulkResultsRequest, ListBulkResultsResponse,
} from '../generated/schemas.js';
import type { RequestOptions } from '../options.js';
import { list, type Listing } from '../page.js';
import type { Transport } from '../transport.js';

/**
 * Operations on many accounts, to be begun now and looked at later: with `wait_seconds: 0` the server answers as they
 * begin. `agentConnect.accounts` has the same ones, which wait.
 */
export class BulkOperations {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Creates the accounts that do not exist yet. */
  createAccounts(request: BulkCreateAccountsRequest, options?: RequestOptions): Promise<BulkOperation> {
    return this.#transport.call(bulkCreateAccounts, this.#waiting(request, options), options);
  }

  /** Refreshes the access tokens of accounts. */
  refreshTokens(request: BulkRefreshTokensRequest, options?: RequestOptions): Promise<BulkOperation> {
    return this.#transport.call(bulkRefreshTokens, this.#waiting(request, options), options);
  }

  /** Changes the settings that are named on all of the accounts. */
  updateSettings(request: BulkUpdateSettingsRequest, options?: RequestOptions): Promise<BulkOperation> {
    return this.#transport.call(bulkUpdateSettings, this.#waiting(request, options), options);
  }

  /** Deletes accounts and their credentials. */
  deleteAccounts(request: BulkDeleteAccountsRequest, options?: RequestOptions): Promise<BulkOperation> {
    return this.#transport.call(bulkDeleteAccounts, this.#waiting(request, options), options);
  }

  /** Reads how far an operation is. */
  get(operation_id: string, options?: RequestOptions): Promise<BulkOperation> {
    return this.#transport.call(getBulkOperation, { operation_id }, options);
  }

  /** Lists the results of an operation in the order of its items. */
  listResults(
    operation_id: string,
    filters: Omit<ListBulkResultsRequest, 'operation_id'> = {},
    options?: RequestOptions,
  ): Listing<BulkResult> {
    const lister = { operation: listBulkResults, items: (answer: ListBulkResultsResponse) => answer.results };
    return list(this.#transport, lister, { ...filters, operation_id }, options);
  }

  /** Waits for the end of an operation, and reads what became of its items. */
  wait(operation: BulkOperation, options?: RequestOptions): Promise<BulkResults> {
    return finished(this.#transport, operation, options);
  }

  #waiting<Request extends { wait_seconds?: number }>(request: Request, options?: RequestOptions): Request {
    return { wait_seconds: waitSeconds(this.#transport, options), ...request };
  }
}
