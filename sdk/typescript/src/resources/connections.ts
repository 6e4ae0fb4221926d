import { getConnection, listConnections, setRedirectUris } from '../generated/operations.js';
import type { Connection, ListConnectionsRequest, ListConnectionsResponse } from '../generated/schemas.js';
import type { RequestOptions } from '../options.js';
import { list, type Listing } from '../page.js';
import type { Transport } from '../transport.js';

/** Connections: the ways of an environment to providers. Every method takes the id or the name of one. */
export class Connections {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Lists the connections of the environment, oldest first. */
  list(filters: ListConnectionsRequest = {}, options?: RequestOptions): Listing<Connection> {
    const lister = { operation: listConnections, items: (answer: ListConnectionsResponse) => answer.connections };
    return list(this.#transport, lister, filters, options);
  }

  /** Reads a connection. */
  get(connection_id: string, options?: RequestOptions): Promise<Connection> {
    return this.#transport.call(getConnection, { connection_id }, options);
  }

  /**
   * Replaces the list of the callbacks of applications that may be named in an authorization URL: with https, or http
   * on the loopback. They are compared character by character.
   */
  setRedirectUris(
    connection_id: string,
    redirect_uris: readonly string[],
    options?: RequestOptions,
  ): Promise<Connection> {
    return this.#transport.call(setRedirectUris, { connection_id, redirect_uris }, options);
  }
}
