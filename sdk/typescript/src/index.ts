/**
 * Client of the accounts API of Valetkey. `AgentConnect` has all of it; who bundles it and needs a
 * part takes that part and a `Transport`: `new Accounts(new Transport(options))`.
 */
export { BulkAccounts, BulkResults } from './bulk.js';
export { AgentConnect } from './client.js';
export {
  AccountStateError, AgentConnectError, AuthenticationError, BadRequestError, ConflictError, ConnectionError,
  NotFoundError, PermissionDeniedError, RateLimitError, ServerError, TimeoutError,
} from './errors.js';
export type { Code, ErrorFacts } from './errors.js';
export type { ErrorCode } from './generated/error_codes.js';
export type * from './generated/schemas.js';
export type { Json, JsonObject, Operation } from './operation.js';
export type {
  AgentConnectOptions, ApiTokenOptions, ClientCredentialsOptions, ConnectionOptions, RequestOptions,
} from './options.js';
export { Page } from './page.js';
export type { Listing, PageFacts } from './page.js';
export { Accounts } from './resources/accounts.js';
export type { AccountFilters, AuthUrlParameters } from './resources/accounts.js';
export { BulkOperations } from './resources/bulk_operations.js';
export { Cleanup } from './resources/cleanup.js';
export { Connections } from './resources/connections.js';
export { Events } from './resources/events.js';
export type { FollowOptions } from './resources/events.js';
export { Links } from './resources/links.js';
export { Tokens } from './resources/tokens.js';
export type { SettingsChanges } from './settings.js';
export { Transport } from './transport.js';
