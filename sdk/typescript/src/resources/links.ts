import { createLink, listLinks, revokeLink } from '../generated/operations.js';
import type { CreateLinkRequest, Link } from '../generated/schemas.js';
import type { RequestOptions } from '../options.js';
import type { Transport } from '../transport.js';

/** Links to the hosted page, on which a user authorizes. */
export class Links {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Makes a link. Its address is in this answer only; whoever has it can authorize: do not log it. */
  create(
    account_id: string,
    link: Omit<CreateLinkRequest, 'account_id'> = {},
    options?: RequestOptions,
  ): Promise<Link> {
    return this.#transport.call(createLink, { ...link, account_id }, options);
  }

  /** Lists the links of an account, newest first, without their addresses. */
  async list(account_id: string, options?: RequestOptions): Promise<Link[]> {
    return (await this.#transport.call(listLinks, { account_id }, options)).links;
  }

  /** Revokes a link. An authorization that it started cannot be completed any more. */
  async revoke(link_id: string, options?: RequestOptions): Promise<void> {
    await this.#transport.call(revokeLink, { link_id }, options);
  }
}
