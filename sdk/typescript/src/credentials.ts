import { contentOf, exchange, type Bounds } from './exchange.js';
import type { ApiTokenOptions, ClientCredentialsOptions } from './options.js';
import { retrying } from './retry.js';

/** Where bearer tokens come from. */
export interface Credentials {
  /** The token to send. */
  token(): Promise<string>;
  /** Is told of a token that was refused; answers whether another one may be accepted. */
  refuse(token: string): boolean;
}

/** What getting a token needs of the client. */
export interface TokenRequests extends Bounds {
  baseUrl: string;
  maxRetries: number;
}

/** The credentials that the options name. */
export function credentials(options: ApiTokenOptions | ClientCredentialsOptions, requests: TokenRequests): Credentials {
  if (options.apiToken) {
    return new ApiToken(options.apiToken);
  }
  if (options.clientId && options.clientSecret) {
    return new ClientCredentials(options.clientId, options.clientSecret, requests);
  }
  throw new TypeError('a client needs apiToken, or clientId and clientSecret');
}

class ApiToken implements Credentials {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  async token(): Promise<string> {
    return this.#token;
  }

  refuse(): boolean {
    return false;
  }
}

/** A token is renewed when this share of its lifetime has passed, so that none ends on its way. */
const USED_SHARE = 0.9;

interface Issued {
  token: string;
  /** As `Date.now()` counts. */
  renewAt: number;
}

/** Client credentials (RFC 6749 section 4.4). Callers that need a token at the same time share one request. */
class ClientCredentials implements Credentials {
  readonly #id: string;
  readonly #secret: string;
  readonly #requests: TokenRequests;
  #current: Issued | undefined;
  #renewal: Promise<Issued> | undefined;

  constructor(id: string, secret: string, requests: TokenRequests) {
    this.#id = id;
    this.#secret = secret;
    this.#requests = requests;
  }

  async token(): Promise<string> {
    const current = this.#current;
    if (current && Date.now() < current.renewAt) {
      return current.token;
    }
    this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined));
    return (await this.#renewal).token;
  }

  refuse(token: string): boolean {
    if (this.#current?.token === token) {
      this.#current = undefined;
    }
    return true;
  }

  async #renew(): Promise<Issued> {
    const { maxRetries } = this.#requests;
    this.#current = await retrying(() => this.#request(), { maxRetries, signal: undefined });
    return this.#current;
  }

  async #request(): Promise<Issued> {
    const form = { grant_type: 'client_credentials', client_id: this.#id, client_secret: this.#secret };
    const request = {
      url: `${this.#requests.baseUrl}/oauth/token`,
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    };
    const asked = Date.now();
    const answer = contentOf(await exchange(request, this.#requests), request);
    return { token: answer.access_token, renewAt: asked + (answer.expires_in ?? 0) * 1_000 * USED_SHARE };
  }
}
