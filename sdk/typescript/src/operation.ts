/** An operation of the server's OpenAPI document: where it is, what it takes, and what it answers. */
export interface Operation<Request, Answer> {
  /** Name of the RPC, such as `CreateAccount`. */
  readonly name: string;
  readonly method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT';
  /** Path with variables, such as `/v1/connect/accounts/{account_id}`. */
  readonly path: string;
  /** Whether it may come with an idempotency key: whether it writes. */
  readonly hasKey: boolean;
  /** Holds the types only and is never there. */
  readonly types?: (request: Request) => Answer;
}

/** A JSON value. */
export type Json = boolean | null | number | string | Json[] | { [key: string]: Json };

/** A JSON object, such as the metadata of an account. */
export type JsonObject = { [key: string]: Json };
