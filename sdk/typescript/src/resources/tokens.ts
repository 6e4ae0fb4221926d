import { createApiToken, getApiToken, listApiTokens, revokeApiToken } from '../generated/operations.js';
import type {
  ApiToken, CreateApiTokenRequest, CreateApiTokenResponse, ListApiTokensRequest,
} from '../generated/schemas.js';
import type { RequestOptions } from '../options.js';
import type { Transport } from '../transport.js';

/** API tokens: long-lived bearer tokens, for scripts and servers that do not use client credentials. */
export class Tokens {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Creates a token, which can do no more than its creator. The token itself is in this answer only. */
  create(token: CreateApiTokenRequest, options?: RequestOptions): Promise<CreateApiTokenResponse> {
    return this.#transport.call(createApiToken, token, options);
  }

  /** Lists tokens, newest first, without the tokens themselves. */
  async list(filters: ListApiTokensRequest = {}, options?: RequestOptions): Promise<ApiToken[]> {
    return (await this.#transport.call(listApiTokens, filters, options)).api_tokens;
  }

  /** Reads what is known of a token. */
  get(token_id: string, options?: RequestOptions): Promise<ApiToken> {
    return this.#transport.call(getApiToken, { token_id }, options);
  }

  /** Revokes a token at once. */
  revoke(token_id: string, options?: RequestOptions): Promise<ApiToken> {
    return this.#transport.call(revokeApiToken, { token_id }, options);
  }
}
