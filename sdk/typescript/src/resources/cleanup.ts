import { finished, waitSeconds, type BulkResults } from '../bulk.js';
import { reportCleanup, runCleanup } from '../generated/operations.js';
import type {
  CleanupCandidate, CleanupPolicy, CleanupReport, ReportCleanupRequest, RunCleanupRequest,
} from '../generated/schemas.js';
import type { RequestOptions } from '../options.js';
import { list, type Listing } from '../page.js';
import type { Transport } from '../transport.js';

/** Accounts that nobody needs any more: first a report, then a deed. */
export class Cleanup {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Lists the accounts that a policy finds, and why. Nothing is changed. */
  report(
    policy: CleanupPolicy,
    page: Omit<ReportCleanupRequest, 'policy'> = {},
    options?: RequestOptions,
  ): Listing<CleanupCandidate> {
    const lister = { operation: reportCleanup, items: (answer: CleanupReport) => answer.candidates };
    return list(this.#transport, lister, { ...page, policy }, options);
  }

  /**
   * Disconnects or deletes accounts of a report, and waits for the end. One that the policy does not find any more is
   * left as it is, with CLEANUP_NOT_NEEDED.
   */
  async run(request: RunCleanupRequest, options?: RequestOptions): Promise<BulkResults> {
    const waiting = { wait_seconds: waitSeconds(this.#transport, options), ...request };
    return finished(this.#transport, await this.#transport.call(runCleanup, waiting, options), options);
  }
}
