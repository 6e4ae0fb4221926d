import type { Operation } from './operation.js';
import type { RequestOptions } from './options.js';
import type { Transport } from './transport.js';

/** What of an answer is not its items. */
export interface PageFacts {
  next_page_token: string;
  total_size?: number;
}

/**
 * A page of a list: an array of its items. `for await` goes on to the items of all pages after it.
 */
export class Page<T> extends Array<T> {
  /** Token of the next page; empty on the last. */
  readonly next_page_token: string;
  /** How many items there are on all pages, where the server counts them. */
  declare readonly total_size?: number;
  readonly #next: (() => Promise<Page<T>>) | undefined;

  constructor(items: readonly T[], facts: PageFacts, next?: () => Promise<Page<T>>) {
    super();
    for (const item of items) {
      this.push(item);
    }
    this.next_page_token = facts.next_page_token;
    if (facts.total_size !== undefined) {
      this.total_size = facts.total_size;
    }
    this.#next = next;
  }

  /** What `map` and `filter` make of a page is an array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** Whether there are items after this page. */
  hasNextPage(): boolean {
    return this.#next !== undefined;
  }

  /** The next page; undefined after the last. */
  async nextPage(): Promise<Page<T> | undefined> {
    return this.#next?.();
  }

  /** The items of this page and of all after it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (let page: Page<T> | undefined = this; page; page = await page.nextPage()) {
      yield* page.values();
    }
  }
}

/** A list that was asked for: `await` gives its first page, `for await` the items of all pages. */
export type Listing<T> = Promise<Page<T>> & AsyncIterable<T>;

/** How an operation lists. */
export interface Lister<Request, Answer, Item> {
  operation: Operation<Request, Answer>;
  /** The items of an answer. */
  items: (answer: Answer) => Item[];
  /** Whether something may come after an answer. Default: it has the token of a next page. */
  goesOn?: (answer: Answer) => boolean;
}

/** Asks for a list. */
export function list<Request extends { page_token?: string }, Answer extends PageFacts, Item>(
  transport: Transport,
  lister: Lister<Request, Answer, Item>,
  request: NoInfer<Request>,
  options?: RequestOptions,
): Listing<Item> {
  const first = page(transport, lister, request, options);
  async function* all() {
    yield* await first;
  }
  return Object.assign(first, { [Symbol.asyncIterator]: all });
}

async function page<Request extends { page_token?: string }, Answer extends PageFacts, Item>(
  transport: Transport,
  lister: Lister<Request, Answer, Item>,
  request: NoInfer<Request>,
  options: RequestOptions | undefined,
): Promise<Page<Item>> {
  const answer = await transport.call(lister.operation, request, options);
  const { next_page_token: page_token } = answer;
  const goesOn = page_token !== '' && (lister.goesOn?.(answer) ?? true);
  const next = () => page(transport, lister, { ...request, page_token }, options);
  return new Page(lister.items(answer), answer, goesOn ? next : undefined);
}
