import type { AgentConnectOptions } from './options.js';
import { Accounts } from './resources/accounts.js';
import { BulkOperations } from './resources/bulk_operations.js';
import { Cleanup } from './resources/cleanup.js';
import { Connections } from './resources/connections.js';
import { Events } from './resources/events.js';
import { Links } from './resources/links.js';
import { Tokens } from './resources/tokens.js';
import { Transport } from './transport.js';

/** The accounts API of a Valetkey server. */
export class AgentConnect {
  readonly accounts: Accounts;
  readonly bulkOperations: BulkOperations;
  readonly cleanup: Cleanup;
  readonly connections: Connections;
  readonly events: Events;
  readonly links: Links;
  readonly tokens: Tokens;

  /** @throws TypeError where the address is none, or nothing to authenticate with is given. */
  constructor(options: AgentConnectOptions) {
    const transport = new Transport(options);
    this.accounts = new Accounts(transport);
    this.bulkOperations = new BulkOperations(transport);
    this.cleanup = new Cleanup(transport);
    this.connections = new Connections(transport);
    this.events = new Events(transport);
    this.links = new Links(transport);
    this.tokens = new Tokens(transport);
  }
}
