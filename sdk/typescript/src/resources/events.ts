import { listEvents } from '../generated/operations.js';
import type { Event, ListEventsRequest, ListEventsResponse } from '../generated/schemas.js';
import type { RequestOptions } from '../options.js';
import { list, type Listing } from '../page.js';
import { sleep } from '../retry.js';
import type { Transport } from '../transport.js';

/** How to wait for what happens next. */
export interface FollowOptions extends RequestOptions {
  /** Milliseconds between two questions where nothing has happened. Default: 5000. */
  interval?: number;
}

/** The journal: what happened, oldest first. */
export class Events {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Lists what happened so far. `next_page_token` of the last page stays good for what happens later. */
  list(filters: ListEventsRequest = {}, options?: RequestOptions): Listing<Event> {
    const items = (answer: ListEventsResponse) => answer.events;
    // There is a token after every page, the last one for now included.
    const lister = { operation: listEvents, items, goesOn: (answer: ListEventsResponse) => answer.more };
    return list(this.#transport, lister, filters, options);
  }

  /** What happened and what happens, without an end: leave the loop, or use the signal. */
  async *follow(filters: ListEventsRequest = {}, options: FollowOptions = {}): AsyncGenerator<Event, never, undefined> {
    const { interval = 5_000, ...request } = options;
    for (let next = filters; ; ) {
      const page = await this.list(next, request);
      yield* page.values();
      next = { ...filters, page_token: page.next_page_token };
      if (!page.hasNextPage()) {
        await sleep(interval, options.signal);
      }
    }
  }
}
