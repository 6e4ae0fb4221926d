// Written by `npm run generate` from the API of the server. Do not edit.

import type { Operation } from '../operation.js';
import type * as types from './schemas.js';

/** Lists accounts, oldest first. Filters are combined: an account is listed if it meets all of them. */
export const listAccounts: Operation<types.ListAccountsRequest, types.ListAccountsResponse> = {
  name: 'ListAccounts', method: 'GET', path: '/v1/connect/accounts', hasKey: false,
};

/**
 * Creates the account of an identifier on a connection. It is pending until its user has authorized.
 * ACCOUNT_ALREADY_EXISTS where the identifier has one.
 */
export const createAccount: Operation<types.CreateAccountRequest, types.Account> = {
  name: 'CreateAccount', method: 'POST', path: '/v1/connect/accounts', hasKey: true,
};

/**
 * Deletes the account and its credential; the provider is told in the background. The identifier can be connected anew
 * and gets a new account id.
 */
export const deleteAccount: Operation<types.DeleteAccountRequest, types.DeleteAccountResponse> = {
  name: 'DeleteAccount', method: 'DELETE', path: '/v1/connect/accounts/{account_id}', hasKey: true,
};

/** Reads one account. No credential is in the answer. */
export const getAccount: Operation<types.GetAccountRequest, types.Account> = {
  name: 'GetAccount', method: 'GET', path: '/v1/connect/accounts/{account_id}', hasKey: false,
};

/** Reads how well an account works. Counts cover the last 30 days, today included, in UTC. */
export const getAccountHealth: Operation<types.GetAccountHealthRequest, types.AccountHealth> = {
  name: 'GetAccountHealth', method: 'GET', path: '/v1/connect/accounts/{account_id}/health', hasKey: false,
};

/** Lists the links of an account, newest first, without their addresses. */
export const listLinks: Operation<types.ListLinksRequest, types.ListLinksResponse> = {
  name: 'ListLinks', method: 'GET', path: '/v1/connect/accounts/{account_id}/links', hasKey: false,
};

/** Makes a link to the hosted page. Its address is given this once. */
export const createLink: Operation<types.CreateLinkRequest, types.Link> = {
  name: 'CreateLink', method: 'POST', path: '/v1/connect/accounts/{account_id}/links', hasKey: true,
};

/** Reads the metadata of an account: the application's own, and what the provider has told of the user. */
export const getMetadata: Operation<types.GetMetadataRequest, types.Metadata> = {
  name: 'GetMetadata', method: 'GET', path: '/v1/connect/accounts/{account_id}/metadata', hasKey: false,
};

/** Merges keys into the metadata as RFC 7396 says: objects are merged, null removes a key, anything else replaces. */
export const updateMetadata: Operation<types.UpdateMetadataRequest, types.Metadata> = {
  name: 'UpdateMetadata', method: 'PATCH', path: '/v1/connect/accounts/{account_id}/metadata', hasKey: true,
};

/** Replaces the application's metadata as a whole. What the provider has told stays. */
export const replaceMetadata: Operation<types.ReplaceMetadataRequest, types.Metadata> = {
  name: 'ReplaceMetadata', method: 'PUT', path: '/v1/connect/accounts/{account_id}/metadata', hasKey: true,
};

/** Reads the settings of an account. What is absent has its default. */
export const getSettings: Operation<types.GetSettingsRequest, types.SettingsAnswer> = {
  name: 'GetSettings', method: 'GET', path: '/v1/connect/accounts/{account_id}/settings', hasKey: false,
};

/**
 * Changes the settings that are named and leaves the others as they are. One that is in unset gets its default back.
 */
export const updateSettings: Operation<types.UpdateSettingsRequest, types.SettingsAnswer> = {
  name: 'UpdateSettings', method: 'PATCH', path: '/v1/connect/accounts/{account_id}/settings', hasKey: true,
};

/** Reads the state of an account, why it is in it, and what ends it. */
export const getAccountStatus: Operation<types.GetAccountStatusRequest, types.AccountStatus> = {
  name: 'GetAccountStatus', method: 'GET', path: '/v1/connect/accounts/{account_id}/status', hasKey: false,
};

/** Reads what is known of the tokens of an account. No token is in the answer. */
export const getTokenStatus: Operation<types.GetTokenStatusRequest, types.TokenStatus> = {
  name: 'GetTokenStatus', method: 'GET', path: '/v1/connect/accounts/{account_id}/token-status', hasKey: false,
};

/** Reads what an account was used for, by day in UTC. */
export const getAccountUsage: Operation<types.GetAccountUsageRequest, types.AccountUsage> = {
  name: 'GetAccountUsage', method: 'GET', path: '/v1/connect/accounts/{account_id}/usage', hasKey: false,
};

/**
 * Makes the address that the user opens to authorize. With redirect_uri it is the provider's authorization endpoint,
 * and the application receives the code at that address and calls ExchangeCode. Without, it is the hosted page, and
 * nothing else has to be done.
 */
export const getAuthUrl: Operation<types.GetAuthUrlRequest, types.AuthUrl> = {
  name: 'GetAuthUrl', method: 'POST', path: '/v1/connect/accounts/{account_id}:auth-url', hasKey: true,
};

/**
 * Destroys the credential and keeps the account, which can be authorized again. The provider is told in the
 * background; open links of the account stop working.
 */
export const disconnectAccount: Operation<types.DisconnectAccountRequest, types.Account> = {
  name: 'DisconnectAccount', method: 'POST', path: '/v1/connect/accounts/{account_id}:disconnect', hasKey: true,
};

/**
 * Completes an authorization that came back to the application's own callback. Works once for each state. Fails with
 * USER_MISMATCH where the provider names another user than before; disconnect the account first to connect that one.
 */
export const exchangeCode: Operation<types.ExchangeCodeRequest, types.ExchangeCodeResponse> = {
  name: 'ExchangeCode', method: 'POST', path: '/v1/connect/accounts/{account_id}:exchange-code', hasKey: true,
};

/**
 * Hands out the credential of an account. Needs a permission that nobody has unless it was given, and is recorded in
 * the journal each time. Fails while the connection is disabled.
 */
export const readCredential: Operation<types.ReadCredentialRequest, types.CredentialAnswer> = {
  name: 'ReadCredential', method: 'POST', path: '/v1/connect/accounts/{account_id}:read-credential', hasKey: true,
};

/** Refreshes the access token now, also where the account is not refreshed by itself. */
export const refreshTokens: Operation<types.RefreshTokensRequest, types.Account> = {
  name: 'RefreshTokens', method: 'POST', path: '/v1/connect/accounts/{account_id}:refresh', hasKey: true,
};

/** Switches a suspended account on again, in the state that its credential has by then. */
export const resumeAccount: Operation<types.ResumeAccountRequest, types.Account> = {
  name: 'ResumeAccount', method: 'POST', path: '/v1/connect/accounts/{account_id}:resume', hasKey: true,
};

/** Switches an account off for a while: no call is made with its credential, which is kept. */
export const suspendAccount: Operation<types.SuspendAccountRequest, types.Account> = {
  name: 'SuspendAccount', method: 'POST', path: '/v1/connect/accounts/{account_id}:suspend', hasKey: true,
};

/**
 * Hands out the tokens of a test account, which are good at the test provider only, and is recorded in the journal
 * each time. A pending test account is authorized first, without a person. Fails while the connection is disabled.
 */
export const getTestTokens: Operation<types.GetTestTokensRequest, types.TestTokens> = {
  name: 'GetTestTokens', method: 'POST', path: '/v1/connect/accounts/{account_id}:test-tokens', hasKey: true,
};

/** Creates the accounts that do not exist yet. One that exists is answered as it is, with created false. */
export const bulkCreateAccounts: Operation<types.BulkCreateAccountsRequest, types.BulkOperation> = {
  name: 'BulkCreateAccounts', method: 'POST', path: '/v1/connect/accounts:bulk-create', hasKey: true,
};

/**
 * Deletes accounts and their credentials. One that does not exist fails, and so does the second one of two equal ids.
 */
export const bulkDeleteAccounts: Operation<types.BulkDeleteAccountsRequest, types.BulkOperation> = {
  name: 'BulkDeleteAccounts', method: 'POST', path: '/v1/connect/accounts:bulk-delete', hasKey: true,
};

/** Refreshes the access tokens of accounts now. */
export const bulkRefreshTokens: Operation<types.BulkRefreshTokensRequest, types.BulkOperation> = {
  name: 'BulkRefreshTokens', method: 'POST', path: '/v1/connect/accounts:bulk-refresh', hasKey: true,
};

/** Changes the settings that are named on all of the accounts. */
export const bulkUpdateSettings: Operation<types.BulkUpdateSettingsRequest, types.BulkOperation> = {
  name: 'BulkUpdateSettings', method: 'POST', path: '/v1/connect/accounts:bulk-update-settings', hasKey: true,
};

/** Reads how far an operation is. The results of a finished one are kept for a week. */
export const getBulkOperation: Operation<types.GetBulkOperationRequest, types.BulkOperation> = {
  name: 'GetBulkOperation', method: 'GET', path: '/v1/connect/bulk-operations/{operation_id}', hasKey: false,
};

/** Lists the results of an operation in the order of its items. */
export const listBulkResults: Operation<types.ListBulkResultsRequest, types.ListBulkResultsResponse> = {
  name: 'ListBulkResults', method: 'GET', path: '/v1/connect/bulk-operations/{operation_id}/results', hasKey: false,
};

/** Lists the accounts that a cleanup policy finds, and why. Nothing is changed. */
export const reportCleanup: Operation<types.ReportCleanupRequest, types.CleanupReport> = {
  name: 'ReportCleanup', method: 'POST', path: '/v1/connect/cleanup:report', hasKey: false,
};

/**
 * Disconnects or deletes accounts of a report. Each is checked again first: one that the policy does not find any more
 * is left as it is, with CLEANUP_NOT_NEEDED.
 */
export const runCleanup: Operation<types.RunCleanupRequest, types.BulkOperation> = {
  name: 'RunCleanup', method: 'POST', path: '/v1/connect/cleanup:run', hasKey: true,
};

/** Lists the connections of the environment, oldest first. */
export const listConnections: Operation<types.ListConnectionsRequest, types.ListConnectionsResponse> = {
  name: 'ListConnections', method: 'GET', path: '/v1/connect/connections', hasKey: false,
};

/** Reads one connection by id or name. */
export const getConnection: Operation<types.GetConnectionRequest, types.Connection> = {
  name: 'GetConnection', method: 'GET', path: '/v1/connect/connections/{connection_id}', hasKey: false,
};

/** Replaces the list of callback addresses at which applications may receive authorization codes themselves. */
export const setRedirectUris: Operation<types.SetRedirectUrisRequest, types.Connection> = {
  name: 'SetRedirectUris', method: 'PUT', path: '/v1/connect/connections/{connection_id}/redirect-uris', hasKey: true,
};

/**
 * Lists what happened, oldest first. The token of a page stays good: ask with it again for what happened since. An
 * event is listed five seconds after it happened, so that none is missed which another server process has written a
 * moment later. What happened in one transaction is listed in its order. No secret is in an event.
 */
export const listEvents: Operation<types.ListEventsRequest, types.ListEventsResponse> = {
  name: 'ListEvents', method: 'GET', path: '/v1/connect/events', hasKey: false,
};

/** Revokes a link. An authorization that it started cannot be completed any more. */
export const revokeLink: Operation<types.RevokeLinkRequest, types.RevokeLinkResponse> = {
  name: 'RevokeLink', method: 'DELETE', path: '/v1/connect/links/{link_id}', hasKey: true,
};

/** Lists tokens, newest first, without the tokens themselves. An environment has at most 1000 that still work. */
export const listApiTokens: Operation<types.ListApiTokensRequest, types.ListApiTokensResponse> = {
  name: 'ListApiTokens', method: 'GET', path: '/v1/connect/tokens', hasKey: false,
};

/** Creates a token. It can hold no permission that its creator lacks. The token itself is given this once. */
export const createApiToken: Operation<types.CreateApiTokenRequest, types.CreateApiTokenResponse> = {
  name: 'CreateApiToken', method: 'POST', path: '/v1/connect/tokens', hasKey: true,
};

/** Reads one token. */
export const getApiToken: Operation<types.GetApiTokenRequest, types.ApiToken> = {
  name: 'GetApiToken', method: 'GET', path: '/v1/connect/tokens/{token_id}', hasKey: false,
};

/**
 * Revokes a token at once, on every replica within a second. The tokens that were made with it, directly or through
 * another one, are revoked with it.
 */
export const revokeApiToken: Operation<types.RevokeApiTokenRequest, types.ApiToken> = {
  name: 'RevokeApiToken', method: 'POST', path: '/v1/connect/tokens/{token_id}:revoke', hasKey: true,
};
