import { credentials, type Credentials } from './credentials.js';
import { AuthenticationError } from './errors.js';
import { contentOf, exchange } from './exchange.js';
import type { Operation } from './operation.js';
import type { AgentConnectOptions, RequestOptions } from './options.js';
import { prepare, type PreparedRequest } from './request.js';
import { retrying } from './retry.js';

/** Carries out operations: authenticates, repeats what may be repeated, and reads answers and errors. */
export class Transport {
  /** How long one attempt may take where a call does not say, in milliseconds. */
  readonly timeout: number;
  readonly #baseUrl: string;
  readonly #fetch: typeof fetch;
  readonly #maxRetries: number;
  readonly #credentials: Credentials;

  /** @throws TypeError where the address is none, or nothing to authenticate with is given. */
  constructor(options: AgentConnectOptions) {
    this.#baseUrl = baseUrl(options.baseUrl);
    // The platform's fetch must be called as a function, not as a method.
    const given = options.fetch ?? fetch;
    this.#fetch = (input, init) => given(input, init);
    this.timeout = options.timeout ?? 60_000;
    this.#maxRetries = options.maxRetries ?? 2;
    const bounds = { fetch: this.#fetch, timeout: this.timeout, signal: undefined };
    this.#credentials = credentials(options, { baseUrl: this.#baseUrl, maxRetries: this.#maxRetries, ...bounds });
  }

  /**
   * Carries out an operation. All attempts of one call have the same idempotency key.
   *
   * @throws AgentConnectError where it fails, or the reason of the signal.
   */
  async call<Request extends object, Answer>(
    operation: Operation<Request, Answer>,
    request: Request,
    options: RequestOptions = {},
  ): Promise<Answer> {
    const prepared = prepare(this.#baseUrl, operation, request, options.idempotencyKey);
    const { signal, maxRetries = this.#maxRetries } = options;
    return retrying(() => this.#authenticated(prepared, options), { maxRetries, signal });
  }

  /** One attempt, or two where the token was refused and another one can be had. */
  async #authenticated(request: PreparedRequest, options: RequestOptions): Promise<any> {
    const token = await abortable(this.#credentials.token(), options.signal);
    try {
      return await this.#send(request, token, options);
    } catch (error) {
      if (!(error instanceof AuthenticationError) || !this.#credentials.refuse(token)) {
        throw error;
      }
      return this.#send(request, await abortable(this.#credentials.token(), options.signal), options);
    }
  }

  async #send(request: PreparedRequest, token: string, options: RequestOptions): Promise<any> {
    const { signal, timeout = this.timeout } = options;
    const authenticated = { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
    return contentOf(await exchange(authenticated, { fetch: this.#fetch, timeout, signal }), request);
  }
}

function baseUrl(given: string): string {
  const { origin, pathname } = new URL(given);
  return origin + pathname.replace(/\/+$/, '');
}

/** A promise that others wait for too, which the signal must not end for them. */
function abortable<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) {
    return shared;
  }
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    shared.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
