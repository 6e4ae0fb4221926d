/** How a client reaches its server. Times are milliseconds. */
export interface ConnectionOptions {
  /** Address of the server, such as `https://valetkey.example.com`. A path is kept as a prefix. */
  baseUrl: string;
  /** The `fetch` to use in place of the platform's. */
  fetch?: typeof fetch;
  /** How long one attempt may take. Default: 60000. */
  timeout?: number;
  /** How often a call is repeated that met a busy or unreachable server. Default: 2. */
  maxRetries?: number;
}

/** An API token, `vkt_…`, as `agentConnect.tokens.create` makes them. */
export interface ApiTokenOptions {
  apiToken: string;
  clientId?: undefined;
  clientSecret?: undefined;
}

/** An API client, for which access tokens are got at `/oauth/token` and renewed before they end. */
export interface ClientCredentialsOptions {
  clientId: string;
  clientSecret: string;
  apiToken?: undefined;
}

/** What a client is made of: where the server is, and who calls. */
export type AgentConnectOptions = ConnectionOptions & (ApiTokenOptions | ClientCredentialsOptions);

/** What can be said of a single call. */
export interface RequestOptions {
  /** Ends the call: it is rejected with the signal's reason. */
  signal?: AbortSignal;
  /** How long one attempt may take, in milliseconds. */
  timeout?: number;
  /** How often the call is repeated at the most. */
  maxRetries?: number;
  /**
   * Names a write, up to 255 printable characters. The server carries out a write once for each key and answers a
   * repetition with the first answer, for a day. Default: a random key for each call, which its own retries share.
   */
  idempotencyKey?: string;
}
