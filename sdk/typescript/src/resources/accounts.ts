import { BulkAccounts, finished, waitSeconds, type BulkResults } from '../bulk.js';
import {
  bulkCreateAccounts, bulkDeleteAccounts, bulkRefreshTokens, bulkUpdateSettings, createAccount, deleteAccount,
  disconnectAccount, exchangeCode, getAccount, getAccountHealth, getAccountStatus, getAccountUsage, getAuthUrl,
  getMetadata, getSettings, getTestTokens, getTokenStatus, listAccounts, readCredential, refreshTokens, replaceMetadata,
  resumeAccount, suspendAccount, updateMetadata, updateSettings,
} from '../generated/operations.js';
import type {
  Account, AccountHealth, AccountSettings, AccountState, AccountStatus, AccountUsage, AuthUrl, CreateAccountRequest,
  CredentialAnswer, ExchangeCodeRequest, ExchangeCodeResponse, GetAccountUsageRequest, GetAuthUrlRequest,
  ListAccountsRequest, ListAccountsResponse, TestTokens, TokenStatus,
} from '../generated/schemas.js';
import { metadataTerms } from '../metadata.js';
import type { JsonObject } from '../operation.js';
import type { RequestOptions } from '../options.js';
import { list, type Listing } from '../page.js';
import { settingsOf, type SettingsChanges } from '../settings.js';
import type { Transport } from '../transport.js';

/** Which accounts to list. `metadata` also takes an object, whose values an account must have. */
export type AccountFilters = Omit<ListAccountsRequest, 'metadata'> & {
  metadata?: ListAccountsRequest['metadata'] | JsonObject;
};

/** What an authorization URL is to have. */
export type AuthUrlParameters = Omit<GetAuthUrlRequest, 'account_id'>;

/** Connected accounts: what one user has granted on one connection, by the id of the account, `ca_…`. */
export class Accounts {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Creates the account of an identifier on a connection. It is pending until its user has authorized.
   *
   * @throws ConflictError ACCOUNT_ALREADY_EXISTS where the identifier has one.
   */
  create(account: CreateAccountRequest, options?: RequestOptions): Promise<Account> {
    return this.#transport.call(createAccount, account, options);
  }

  /** Lists the accounts that meet all filters, oldest first. */
  list(filters: AccountFilters = {}, options?: RequestOptions): Listing<Account> {
    const lister = { operation: listAccounts, items: (answer: ListAccountsResponse) => answer.accounts };
    return list(this.#transport, lister, { ...filters, metadata: metadataTerms(filters.metadata) }, options);
  }

  /** Reads an account, in whatever state it is. No credential is in the answer. */
  get(account_id: string, options?: RequestOptions): Promise<Account> {
    return this.#transport.call(getAccount, { account_id }, options);
  }

  /** Deletes an account and its credential; the provider is told in the background. */
  async delete(account_id: string, options?: RequestOptions): Promise<void> {
    await this.#transport.call(deleteAccount, { account_id }, options);
  }

  /**
   * Makes the address that the user opens to authorize: the provider's own where `redirect_uri` names the application's
   * callback, else the hosted page. Whoever has it can authorize: do not log it.
   */
  async getAuthUrl(account_id: string, parameters?: AuthUrlParameters, options?: RequestOptions): Promise<string> {
    return (await this.getAuthUrlDetails(account_id, parameters, options)).url;
  }

  /** Like `getAuthUrl`, and tells when the address stops working. */
  getAuthUrlDetails(
    account_id: string,
    parameters: AuthUrlParameters = {},
    options?: RequestOptions,
  ): Promise<AuthUrl> {
    return this.#transport.call(getAuthUrl, { ...parameters, account_id }, options);
  }

  /**
   * Completes an authorization that came back to the application's own callback, with `code` and `state` as they came.
   * Works once for each state. The account is active afterwards. `more` is what else came, where the provider sends
   * more: its issuer (`iss`, RFC 9207), or parameters that tell more of the account.
   */
  async exchangeCode(
    account_id: string,
    code: string,
    state: string,
    more?: Pick<ExchangeCodeRequest, 'iss' | 'parameters'>,
    options?: RequestOptions,
  ): Promise<Account> {
    const { account } = await this.exchangeCodeDetails(account_id, { ...more, code, state }, options);
    return account;
  }

  /** Like `exchangeCode`, and gives back the application's own state that was given to `getAuthUrl`. */
  exchangeCodeDetails(
    account_id: string,
    callback: Omit<ExchangeCodeRequest, 'account_id'>,
    options?: RequestOptions,
  ): Promise<ExchangeCodeResponse> {
    return this.#transport.call(exchangeCode, { ...callback, account_id }, options);
  }

  /** Reads the state of an account. */
  async getStatus(account_id: string, options?: RequestOptions): Promise<AccountState> {
    return (await this.getStatusDetails(account_id, options)).status;
  }

  /** Reads the state of an account, why it is in it, what ends it, and since when. */
  getStatusDetails(account_id: string, options?: RequestOptions): Promise<AccountStatus> {
    return this.#transport.call(getAccountStatus, { account_id }, options);
  }

  /** Reads what is known of the tokens of an account. No token is in the answer. */
  getTokenStatus(account_id: string, options?: RequestOptions): Promise<TokenStatus> {
    return this.#transport.call(getTokenStatus, { account_id }, options);
  }

  /** Refreshes the access token now. */
  refreshTokens(account_id: string, options?: RequestOptions): Promise<Account> {
    return this.#transport.call(refreshTokens, { account_id }, options);
  }

  /** Switches an account off for a while: no call is made with its credential, which is kept. */
  suspend(account_id: string, options?: RequestOptions): Promise<Account> {
    return this.#transport.call(suspendAccount, { account_id }, options);
  }

  /** Switches a suspended account on again, in the state that its credential has by then. */
  resume(account_id: string, options?: RequestOptions): Promise<Account> {
    return this.#transport.call(resumeAccount, { account_id }, options);
  }

  /** Destroys the credential and keeps the account, which can be authorized again. */
  disconnect(account_id: string, options?: RequestOptions): Promise<Account> {
    return this.#transport.call(disconnectAccount, { account_id }, options);
  }

  /** Reads the metadata: the application's own, and what the provider has told of the user. */
  async getMetadata(account_id: string, options?: RequestOptions): Promise<JsonObject> {
    return (await this.#transport.call(getMetadata, { account_id }, options)).metadata;
  }

  /** Merges into the metadata as RFC 7396 says: objects are merged, null removes a key, anything else replaces. */
  async updateMetadata(account_id: string, metadata: JsonObject, options?: RequestOptions): Promise<JsonObject> {
    return (await this.#transport.call(updateMetadata, { account_id, metadata }, options)).metadata;
  }

  /** Replaces the application's metadata as a whole. What the provider has told stays. */
  async replaceMetadata(account_id: string, metadata: JsonObject, options?: RequestOptions): Promise<JsonObject> {
    return (await this.#transport.call(replaceMetadata, { account_id, metadata }, options)).metadata;
  }

  /** Reads the settings. What is absent has its default. */
  async getSettings(account_id: string, options?: RequestOptions): Promise<AccountSettings> {
    return (await this.#transport.call(getSettings, { account_id }, options)).settings;
  }

  /** Changes the settings that are named and leaves the others as they are. `null` gives one its default back. */
  async updateSettings(
    account_id: string,
    changes: SettingsChanges,
    options?: RequestOptions,
  ): Promise<AccountSettings> {
    const request = { account_id, ...settingsOf(changes) };
    return (await this.#transport.call(updateSettings, request, options)).settings;
  }

  /** Reads how well an account works: its tokens, authentications and calls, and when a person is needed next. */
  getHealth(account_id: string, options?: RequestOptions): Promise<AccountHealth> {
    return this.#transport.call(getAccountHealth, { account_id }, options);
  }

  /** Reads what an account was used for, by day in UTC. Days are YYYY-MM-DD and both included. */
  getUsage(
    account_id: string,
    days: Omit<GetAccountUsageRequest, 'account_id'> = {},
    options?: RequestOptions,
  ): Promise<AccountUsage> {
    return this.#transport.call(getAccountUsage, { ...days, account_id }, options);
  }

  /** Hands out the tokens of a test account. A pending one is authorized first, without a person. */
  getTestTokens(account_id: string, options?: RequestOptions): Promise<TestTokens> {
    return this.#transport.call(getTestTokens, { account_id }, options);
  }

  /**
   * Hands out the credential of an account, which is recorded in the journal each time.
   *
   * @throws PermissionDeniedError unless the caller was given the permission for it.
   */
  readCredential(account_id: string, options?: RequestOptions): Promise<CredentialAnswer> {
    return this.#transport.call(readCredential, { account_id }, options);
  }

  /**
   * Creates the accounts that do not exist yet, up to 10,000, and waits for the end. One that exists is given as it is.
   * Does not throw where single items fail: they are in `failed`.
   */
  async createBulk(accounts: readonly CreateAccountRequest[], options?: RequestOptions): Promise<BulkAccounts> {
    const request = { accounts, wait_seconds: waitSeconds(this.#transport, options) };
    const begun = await this.#transport.call(bulkCreateAccounts, request, options);
    return new BulkAccounts(await finished(this.#transport, begun, options));
  }

  /** Refreshes the access tokens of accounts now, and waits for the end. */
  async refreshTokensBulk(account_ids: readonly string[], options?: RequestOptions): Promise<BulkResults> {
    const request = { account_ids, wait_seconds: waitSeconds(this.#transport, options) };
    return finished(this.#transport, await this.#transport.call(bulkRefreshTokens, request, options), options);
  }

  /** Changes the settings that are named on all of the accounts, and waits for the end. */
  async updateSettingsBulk(
    account_ids: readonly string[],
    settings: AccountSettings,
    options?: RequestOptions,
  ): Promise<BulkResults> {
    const request = { account_ids, settings, wait_seconds: waitSeconds(this.#transport, options) };
    return finished(this.#transport, await this.#transport.call(bulkUpdateSettings, request, options), options);
  }

  /** Deletes accounts and their credentials, and waits for the end. */
  async deleteBulk(account_ids: readonly string[], options?: RequestOptions): Promise<BulkResults> {
    const request = { account_ids, wait_seconds: waitSeconds(this.#transport, options) };
    return finished(this.#transport, await this.#transport.call(bulkDeleteAccounts, request, options), options);
  }
}
