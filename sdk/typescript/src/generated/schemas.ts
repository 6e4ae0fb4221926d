// Written by `npm run generate` from the API of the server. Do not edit.

import type { JsonObject } from '../operation.js';

/** The states of an account. */
export type AccountState =
  | 'pending'
  | 'active'
  | 'expired'
  | 'revoked'
  | 'error'
  | 'suspended';

/** A connected account. */
export interface Account {
  /** Id, `ca_…`. */
  id: string;
  /** Id of its connection, `conn_…`. */
  connection_id: string;
  /** Name of its connection. */
  connection_name: string;
  /** The application's own key for the user. */
  identifier: string;
  /** What kind of key that is: user_id, org_id, email or custom. */
  identifier_type: string;
  /** Organization the account belongs to. */
  organization_id?: string;
  /** User of the organization. */
  user_id?: string;
  /** Slug of the provider, such as gmail. */
  provider: string;
  /** pending, active, expired, revoked, error or suspended. Only active lets a call through. */
  status: AccountState;
  /** Why it is in that state, such as not_authorized or refresh_failed. */
  status_reason: string;
  /** What ends the state: none, refresh, reauthorize, fix_connection, verify or resume. */
  next_action: string;
  /** Since when it is in that state. */
  status_changed_at: string;
  /** How its connection authenticates. */
  connector_type: ConnectorType;
  /** Whether its connection works. */
  connector_status: ConnectorStatus;
  /** The scopes that its user has granted. */
  scopes: string[];
  /** The scopes that were asked for, where they are fewer than the connection's. */
  requested_scopes: string[];
  /** When the access token runs out; absent where it does not, or is not known. */
  expires_at?: string;
  created_at: string;
  updated_at: string;
  /** When its credential was last used. */
  last_used_at?: string;
  /** When its user last authorized. */
  last_authorized_at?: string;
  /** The application's own values, and user_email and provider_account_id once the provider has told them. */
  metadata: JsonObject;
  settings: AccountSettings;
  /** Whether it is a test account. */
  test_mode: boolean;
}

/** How well an account works. */
export interface AccountHealth {
  account_id: string;
  status: AccountStatus;
  token: TokenStatus;
  authentication: AuthenticationHealth;
  api: ApiHealth;
  forecast: Forecast;
  /** The time that the counts cover. */
  window_start: string;
  window_end: string;
}

/** What an application sets on one account. Absent means the default. */
export interface AccountSettings {
  /** Whether the access token is refreshed by itself. Default: true. */
  auto_refresh?: boolean;
  /**
   * For how many seconds an access token is used at the most, 60 to 31536000; also its lifetime where the provider
   * names none.
   */
  expires_in?: number;
  /** Calls a minute, 1 to 1000000. Default: no limit. */
  rate_limit?: number;
  /** Seconds that a call may take, 1 to 600. Default: 30. */
  timeout?: number;
  /** How often a call that may be repeated is repeated where the provider is busy or away, 0 to 10. Default: 0. */
  retry_attempts?: number;
}

/** The state of an account. */
export interface AccountStatus {
  /** pending, active, expired, revoked, error or suspended. */
  status: AccountState;
  /** Why. */
  status_reason: string;
  /** What ends it. */
  next_action: string;
  /** Since when. */
  status_changed_at: string;
}

/** What an account was used for. */
export interface AccountUsage {
  account_id: string;
  /** First and last day, both included. */
  start_date: string;
  end_date: string;
  /** Executions of tools. */
  tool_executions: number;
  /** Proxied requests. */
  api_requests: number;
  provider_errors: number;
  platform_errors: number;
  /** Share of the calls that failed, 0 to 1; absent where there were none. */
  error_rate?: number;
  /** The ten tools that were executed most. */
  most_used_tools: ToolUsage[];
  /** The days on which there were calls. */
  days: DayUsage[];
}

/** Calls made with an account. */
export interface ApiHealth {
  /** Executions of tools and proxied requests. */
  calls: number;
  /** Those that the provider refused or failed. */
  provider_errors: number;
  /** Those that this server refused or failed. */
  platform_errors: number;
  /** Share of both, 0 to 1; absent where there were no calls. */
  error_rate?: number;
  last_used_at?: string;
}

/** An API token, without the token itself. */
export interface ApiToken {
  /** Id, `tok_…`. */
  id: string;
  /** A name for people. */
  name: string;
  /** Its last characters. */
  hint: string;
  /** What it may do, such as connected_accounts:read. */
  permissions: string[];
  /** Who created it: the id of an API client or of another token, or operator. */
  created_by: string;
  created_at: string;
  /** When it stops working. */
  expires_at: string;
  /** When it was last used, to the minute. */
  last_used_at?: string;
  revoked_at?: string;
}

/** An address for the user to open. */
export interface AuthUrl {
  /** Whoever has it can authorize: do not log it. */
  url: string;
  /** When it stops working. */
  expires_at: string;
}

/** Authorizations and refreshes of an account. */
export interface AuthenticationHealth {
  /** Authorizations that ended, by a user or by an import. One that nobody came back from is not counted. */
  authorizations: number;
  authorizations_succeeded: number;
  /** Refreshes that ended. */
  refreshes: number;
  refreshes_succeeded: number;
  /** Share of both that succeeded, 0 to 1; absent where there were none. */
  success_rate?: number;
  /** When an authorization or a refresh last succeeded, whenever that was. */
  last_success_at?: string;
  /** When one last failed. */
  last_failure_at?: string;
  /** How the last one failed, such as denied, exchange_failed, verification_refused, transient or grant_revoked. */
  last_failure: string;
}

/** Request of BulkCreateAccounts. */
export interface BulkCreateAccountsRequest {
  /** What to create. */
  accounts: readonly CreateAccountRequest[];
  /** Seconds to wait for the end, up to 300. Default: 60. With 0 the operation is answered as it begins. */
  wait_seconds?: number;
}

/** Request of BulkDeleteAccounts. */
export interface BulkDeleteAccountsRequest {
  account_ids: readonly string[];
  /** Seconds to wait for the end, up to 300. Default: 60. With 0 the operation is answered as it begins. */
  wait_seconds?: number;
}

/** An operation on many accounts. */
export interface BulkOperation {
  /** Id, `bulk_…`. */
  id: string;
  /** create, refresh, update_settings, delete or disconnect. */
  kind: string;
  /** running or finished. */
  state: string;
  total: number;
  succeeded: number;
  failed: number;
  created_at: string;
  finished_at?: string;
  /** The results in the order of the items, if it is finished and has at most 1000; else ListBulkResults has them. */
  results: BulkResult[];
}

/** Request of BulkRefreshTokens. */
export interface BulkRefreshTokensRequest {
  account_ids: readonly string[];
  /** Seconds to wait for the end, up to 300. Default: 60. With 0 the operation is answered as it begins. */
  wait_seconds?: number;
}

/** What became of one item. */
export interface BulkResult {
  /** Place of the item in the request, from 0. */
  index: number;
  /** pending, succeeded or failed. */
  state: string;
  /** Id of the account, once it is known. */
  account_id: string;
  /** The account as it is, if the item succeeded and the account exists. */
  account?: Account;
  /** Whether this operation created the account. */
  created: boolean;
  /** Why the item failed. */
  error?: ErrorAnswer;
}

/** Request of BulkUpdateSettings. */
export interface BulkUpdateSettingsRequest {
  account_ids: readonly string[];
  settings: AccountSettings;
  /** Seconds to wait for the end, up to 300. Default: 60. With 0 the operation is answered as it begins. */
  wait_seconds?: number;
}

/** An account that a policy finds. */
export interface CleanupCandidate {
  account: Account;
  /** unused, expired, pending or orphaned. */
  rule: string;
  /**
   * Since when what the rule says is so: the last use, or when the account expired, began to be pending or lost its
   * connection.
   */
  since: string;
}

/** Which accounts nobody needs any more. A rule that is absent finds none. */
export interface CleanupPolicy {
  /** Active, and for this many days, 1 to 3650, neither used nor authorized. */
  unused_days?: number;
  /** Expired, revoked, disconnected or in error for this many days. */
  expired_days?: number;
  /** Pending for this many days. */
  pending_days?: number;
  /**
   * Of an organization of this server that does not exist any more, or of a connection that was disabled, and has not
   * been changed since, 30 days ago.
   */
  orphaned?: boolean;
  /** Of this connection only, by id or name. */
  connection_id?: string;
}

/** Accounts that a policy finds. */
export interface CleanupReport {
  /** Oldest first. Fewer than page_size, or none, where many accounts that are needed lie between. */
  candidates: CleanupCandidate[];
  /** Token of the next page; empty on the last. */
  next_page_token: string;
}

/** A connection: one way of an environment to one provider. */
export interface Connection {
  /** Id, `conn_…`. */
  id: string;
  /** Name, unique in the environment. */
  name: string;
  /** Slug of the provider, such as gmail. */
  provider: string;
  type: ConnectorType;
  status: ConnectorStatus;
  /** What is wrong or missing; empty where it works. */
  status_reason: string;
  /** The scopes that users are asked for. */
  scopes: string[];
  /** The server's own callback, which is registered at the provider. */
  redirect_uri: string;
  /** Callbacks of applications that may be named in an authorization URL. */
  allowed_redirect_uris: string[];
  created_at: string;
  updated_at: string;
}

/** Whether a connection works. */
export type ConnectorStatus =
  | 'CONNECTOR_STATUS_UNSPECIFIED'
  | 'CONNECTOR_STATUS_ACTIVE'
  | 'CONNECTOR_STATUS_INACTIVE'
  | 'CONNECTOR_STATUS_PENDING'
  | 'CONNECTOR_STATUS_ERROR';

/** How a connection authenticates. */
export type ConnectorType =
  | 'CONNECTOR_TYPE_UNSPECIFIED'
  | 'CONNECTOR_TYPE_OAUTH2'
  | 'CONNECTOR_TYPE_API_KEY'
  | 'CONNECTOR_TYPE_BASIC_AUTH'
  | 'CONNECTOR_TYPE_NO_AUTH'
  | 'CONNECTOR_TYPE_CUSTOM';

/** Request of CreateAccount. */
export interface CreateAccountRequest {
  /** Id or name of the connection. */
  connection_id?: string;
  /** Name of the connection, in place of its id. */
  connection_name?: string;
  /** The application's own key for the user. */
  identifier: string;
  /** What kind of key that is. Default: custom. */
  identifier_type?: 'user_id' | 'org_id' | 'email' | 'custom';
  /** Fewer scopes than the connection has. INVALID_SCOPE where the connection does not have one. */
  scopes?: readonly string[];
  settings?: AccountSettings;
  /** The application's own values, up to 16 KiB as JSON. */
  metadata?: JsonObject;
  /** Makes a test account. Its connection must be one to the test provider. */
  test_mode?: boolean;
  /** Organization the account belongs to. */
  organization_id?: string;
  /** User of the organization. */
  user_id?: string;
}

/** Request of CreateApiToken. */
export interface CreateApiTokenRequest {
  name: string;
  /** What it may do. Default: what its creator may do, but for reading credentials. */
  permissions?: readonly string[];
  /** Seconds until it expires, 60 to 315360000. Default: 7776000 (90 days). */
  expires_in?: number;
}

/** Answer of CreateApiToken. */
export interface CreateApiTokenResponse {
  api_token: ApiToken;
  /** The token, `vkt_…`. Only its hash is stored. */
  token: string;
}

/** Request of CreateLink. */
export interface CreateLinkRequest {
  account_id: string;
  /** Seconds until it expires, 60 to 2592000. Default: as the server is configured. */
  expires_in?: number;
  /** How many authorizations can be completed with it, up to 100. Default: 1. */
  max_uses?: number;
  /** Where the browser goes at the end. Must be on the environment's list, character by character. */
  return_url?: string;
  /**
   * Of the connection's scopes those to ask for, besides those that the account was created with. INVALID_SCOPE where
   * the connection does not have one. Default: those of the account, or else all of the connection.
   */
  scopes?: readonly string[];
  /** The application's own state, given back to return_url and user_verify_url. */
  state?: string;
  /** Where the application confirms the user. */
  user_verify_url?: string;
}

/** The credential of an account: an OAuth token, or the values of a form. */
export interface CredentialAnswer {
  access_token?: string;
  refresh_token?: string;
  /** Such as Bearer. */
  token_type?: string;
  expires_at?: string;
  scopes: string[];
  /** What the user filled in, by field name. */
  fields: Record<string, string>;
}

/** One day. */
export interface DayUsage {
  /** YYYY-MM-DD. */
  date: string;
  tool_executions: number;
  api_requests: number;
  provider_errors: number;
  platform_errors: number;
}

/** Request of DeleteAccount. */
export interface DeleteAccountRequest {
  account_id: string;
}

/** Answer of DeleteAccount. */
export interface DeleteAccountResponse {
}

/** Request of DisconnectAccount. */
export interface DisconnectAccountRequest {
  account_id: string;
}

/** An error as the /v1/connect API answers it. */
export interface ErrorAnswer {
  /** Stable code, such as ACCOUNT_NOT_FOUND. */
  code: string;
  /** What failed, with which named thing, and what to do. */
  message: string;
  /** The reason of the account's state, where the state is the cause. */
  reason: string;
  /**
   * What the caller can do: none, refresh, reauthorize, fix_connection, verify, resume, fix_request, authenticate,
   * ask_permission, retry or contact_operator.
   */
  next_action: string;
  /** Names the request in the logs of the server. */
  request_id: string;
  /** The fields of the request that break a rule, and further facts. */
  details: ErrorDetail[];
}

/** One fact about an error. */
export interface ErrorDetail {
  /** Path in the request. */
  field: string;
  description: string;
  /** Name of the rule, such as string.max_len. */
  constraint: string;
}

/** Something that happened. */
export interface Event {
  id: string;
  /** Such as account.state_changed. */
  kind: string;
  account_id?: string;
  connection_id?: string;
  /** Who: the id of an API client or of an API token, operator, user or server. */
  actor: string;
  details: JsonObject;
  created_at: string;
}

/** Request of ExchangeCode. */
export interface ExchangeCodeRequest {
  account_id: string;
  /** The code that the provider sent to the callback. */
  code: string;
  /** The state that came with it, as it came. */
  state: string;
  /**
   * The issuer that came with it, where one did. ISSUER_MISMATCH where the provider announces it and it is missing
   * (RFC 9207).
   */
  iss?: string;
  /** What else came with it, for providers that tell more of the account there, such as realmId. */
  parameters?: Record<string, string>;
}

/** Answer of ExchangeCode. */
export interface ExchangeCodeResponse {
  /** The account, which is active. */
  account: Account;
  /** The application's own state that was given to GetAuthUrl. */
  state?: string;
}

/** When a person is needed next. */
export interface Forecast {
  /** now, at (a known time), none (as far as can be seen) or unknown. */
  person_needed: string;
  /** When, if it is known; for unknown, when the access token runs out. */
  at?: string;
  /** Why, in a sentence. */
  explanation: string;
}

/** Request of GetAccountHealth. */
export interface GetAccountHealthRequest {
  account_id: string;
}

/** Request of GetAccount. */
export interface GetAccountRequest {
  account_id: string;
}

/** Request of GetAccountStatus. */
export interface GetAccountStatusRequest {
  account_id: string;
}

/** Request of GetAccountUsage. */
export interface GetAccountUsageRequest {
  account_id: string;
  /** First day, YYYY-MM-DD. Default: 29 days before the last. */
  start_date?: string;
  /** Last day, included. Default: today. At most 366 days in all. */
  end_date?: string;
}

/** Request of GetApiToken. */
export interface GetApiTokenRequest {
  token_id: string;
}

/** Request of GetAuthUrl. */
export interface GetAuthUrlRequest {
  account_id: string;
  /**
   * The application's own state. The callback brings it after a random part and a dot, and ExchangeCode gives it back.
   */
  state?: string;
  /**
   * The application's own callback. Must be on the list of the connection, character by character, and be registered
   * at the provider.
   */
  redirect_uri?: string;
  /**
   * Of the connection's scopes those to ask for, besides those that the account was created with. INVALID_SCOPE where
   * the connection does not have one. Default: those of the account, or else all of the connection.
   */
  scopes?: readonly string[];
  /** Where the application confirms the user, for the hosted page of an environment that requires it. */
  user_verify_url?: string;
}

/** Request of GetBulkOperation. */
export interface GetBulkOperationRequest {
  operation_id: string;
}

/** Request of GetConnection. */
export interface GetConnectionRequest {
  /** Id or name. */
  connection_id: string;
}

/** Request of GetMetadata. */
export interface GetMetadataRequest {
  account_id: string;
}

/** Request of GetSettings. */
export interface GetSettingsRequest {
  account_id: string;
}

/** Request of GetTestTokens. */
export interface GetTestTokensRequest {
  account_id: string;
}

/** Request of GetTokenStatus. */
export interface GetTokenStatusRequest {
  account_id: string;
}

/** A link to the hosted page. */
export interface Link {
  /** Id, with which it can be revoked. */
  id: string;
  account_id: string;
  /** The address to open, only in the answer of CreateLink. Whoever has it can authorize: do not log it. */
  url: string;
  /** usable, used, revoked or expired. */
  state: string;
  max_uses: number;
  /** Authorizations completed with it. */
  uses: number;
  scopes: string[];
  created_at: string;
  expires_at: string;
  /** When it was first opened. */
  opened_at?: string;
  /** When an authorization was last completed with it. */
  used_at?: string;
  revoked_at?: string;
}

/** Request of ListAccounts. */
export interface ListAccountsRequest {
  /** Id or name of a connection. */
  connection_id?: string;
  /** In one of these states: pending, active, expired, revoked, error, suspended. */
  status?: AccountState | readonly AccountState[];
  /** Slug of a provider, such as gmail. */
  provider?: string;
  /** The application's own key for the user. */
  identifier?: string;
  /** What kind of key that is. */
  identifier_type?: 'user_id' | 'org_id' | 'email' | 'custom';
  /**
   * Values of the application's metadata, each as path=value, with dots between the keys of nested objects, such as
   * department=engineering or preferences.timezone=UTC.
   */
  metadata?: string | readonly string[];
  /** Changed at this time or after it. */
  updated_since?: Date | string;
  /** Test accounts only, or all but them. */
  test_mode?: boolean;
  /** Organization the account belongs to. */
  organization_id?: string;
  /** Accounts of a page, up to 1000. Default: 100. */
  page_size?: number;
  /** Token of the page to return; empty for the first. */
  page_token?: string;
}

/** A page of accounts. */
export interface ListAccountsResponse {
  accounts: Account[];
  /** Token of the next page; empty on the last. */
  next_page_token: string;
  /** How many accounts meet the filters; absent above 10000. */
  total_size?: number;
}

/** Request of ListApiTokens. */
export interface ListApiTokensRequest {
  /** Revoked and expired ones too. */
  include_inactive?: boolean;
}

/** API tokens. */
export interface ListApiTokensResponse {
  api_tokens: ApiToken[];
}

/** Request of ListBulkResults. */
export interface ListBulkResultsRequest {
  operation_id: string;
  /** Only the items that failed. */
  failed_only?: boolean;
  /** Results of a page, up to 1000. Default: 1000. */
  page_size?: number;
  /** Token of the page to return; empty for the first. */
  page_token?: string;
}

/** A page of results. */
export interface ListBulkResultsResponse {
  results: BulkResult[];
  /** Token of the next page; empty on the last. */
  next_page_token: string;
}

/** Request of ListConnections. */
export interface ListConnectionsRequest {
  /** Slug of a provider. */
  provider?: string;
  /** Connections of a page, up to 1000. Default: 100. */
  page_size?: number;
  /** Token of the page to return; empty for the first. */
  page_token?: string;
}

/** A page of connections. */
export interface ListConnectionsResponse {
  connections: Connection[];
  /** Token of the next page; empty on the last. */
  next_page_token: string;
}

/** Request of ListEvents. */
export interface ListEventsRequest {
  /** Id of an account, which may have been deleted since. */
  account_id?: string;
  /** Id or name of a connection. */
  connection_id?: string;
  /** Kinds, such as account.state_changed. */
  kind?: string | readonly string[];
  /** At this time or after it. */
  since?: Date | string;
  /** Events of a page, up to 1000. Default: 100. */
  page_size?: number;
  /** Token of the page to return; empty for the first. */
  page_token?: string;
}

/** A page of events. */
export interface ListEventsResponse {
  /** Fewer than page_size, or none, where much that was not asked for lies between. */
  events: Event[];
  /** Token for what comes after this page, also where nothing has come yet. */
  next_page_token: string;
  /** Whether more may follow at once. Where not, ask again after a while. */
  more: boolean;
}

/** Request of ListLinks. */
export interface ListLinksRequest {
  account_id: string;
}

/** The links of an account. */
export interface ListLinksResponse {
  links: Link[];
}

/** The metadata of an account. */
export interface Metadata {
  metadata: JsonObject;
}

/** Request of ReadCredential. */
export interface ReadCredentialRequest {
  account_id: string;
}

/** Request of RefreshTokens. */
export interface RefreshTokensRequest {
  account_id: string;
}

/** Request of ReplaceMetadata. */
export interface ReplaceMetadataRequest {
  account_id: string;
  /** The new values, at most 16 KiB as JSON. */
  metadata: JsonObject;
}

/** Request of ReportCleanup. */
export interface ReportCleanupRequest {
  policy: CleanupPolicy;
  /** Accounts of a page, up to 1000. Default: 100. */
  page_size?: number;
  /** Token of the page to return; empty for the first. */
  page_token?: string;
}

/** Request of ResumeAccount. */
export interface ResumeAccountRequest {
  account_id: string;
}

/** Request of RevokeApiToken. */
export interface RevokeApiTokenRequest {
  token_id: string;
}

/** Request of RevokeLink. */
export interface RevokeLinkRequest {
  link_id: string;
}

/** Answer of RevokeLink. */
export interface RevokeLinkResponse {
}

/** Request of RunCleanup. */
export interface RunCleanupRequest {
  policy: CleanupPolicy;
  /** The accounts, as a report has listed them. */
  account_ids: readonly string[];
  /** disconnect or delete. */
  action: 'disconnect' | 'delete';
  /** Seconds to wait for the end, up to 300. Default: 60. With 0 the operation is answered as it begins. */
  wait_seconds?: number;
}

/** Request of SetRedirectUris. */
export interface SetRedirectUrisRequest {
  /** Id or name. */
  connection_id: string;
  /**
   * Addresses with https, or http on the loopback. They are compared character by character (RFC 9700 section 2.1).
   */
  redirect_uris?: readonly string[];
}

/** The settings of an account. */
export interface SettingsAnswer {
  settings: AccountSettings;
}

/** Request of SuspendAccount. */
export interface SuspendAccountRequest {
  account_id: string;
}

/** Tokens of the test provider. */
export interface TestTokens {
  access_token: string;
  refresh_token?: string;
  /** Such as Bearer. */
  token_type: string;
  expires_at?: string;
  scopes: string[];
}

/** What is known of the tokens of an account. */
export interface TokenStatus {
  /** none, valid, expiring (refreshed soon), expired, or not_expiring. */
  state: string;
  /** When the access token was issued. */
  issued_at?: string;
  /** When it runs out, where that is known. */
  expires_at?: string;
  /** Whether there is something to refresh it with. */
  refreshable: boolean;
  /** Whether it is refreshed by itself. */
  auto_refresh: boolean;
  /** When it is refreshed next by itself. */
  next_refresh_at?: string;
  /** Counts the credentials that the account has had; 0 without one. */
  generation: number;
  /** Refreshes that failed in a row. */
  consecutive_failures: number;
  /** What became of the last refresh: success, transient, rate_limited, grant_revoked and so on. */
  last_outcome?: string;
  /** What the provider said about it. */
  last_detail?: string;
  /** When that was. */
  last_refresh_at?: string;
}

/** Executions of one tool. */
export interface ToolUsage {
  tool_name: string;
  executions: number;
  errors: number;
}

/** Request of UpdateMetadata. */
export interface UpdateMetadataRequest {
  account_id: string;
  /** What to merge; with the rest at most 16 KiB as JSON. */
  metadata: JsonObject;
}

/** Request of UpdateSettings. */
export interface UpdateSettingsRequest {
  account_id: string;
  settings?: AccountSettings;
  /** Names of settings that get their default back. */
  unset?: readonly ('auto_refresh' | 'expires_in' | 'rate_limit' | 'timeout' | 'retry_attempts')[];
}
