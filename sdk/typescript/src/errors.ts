import type { ErrorCode } from './generated/error_codes.js';
import type { ErrorAnswer, ErrorDetail } from './generated/schemas.js';

/**
 * A code of the server, or of this package: `CONNECTION_FAILED`, `TIMEOUT`, `UNEXPECTED_ANSWER`. Later servers may have
 * further ones.
 */
export type Code = ErrorCode | 'CONNECTION_FAILED' | 'TIMEOUT' | 'UNEXPECTED_ANSWER' | (string & {});

/** What an error is made of. */
export interface ErrorFacts extends Partial<ErrorAnswer> {
  code: Code;
  message: string;
  /** HTTP status; 0 where there was no answer. */
  status?: number;
  /** What the server says to wait for before the next attempt, in milliseconds. */
  retry_after?: number;
  cause?: unknown;
}

/** A call that failed. Only an aborted call fails with anything else: the reason of its signal. */
export class AgentConnectError extends Error {
  override readonly name: string = 'AgentConnectError';
  /** Stable code, such as `ACCOUNT_NOT_FOUND`. */
  readonly code: Code;
  /** The reason of the account's state, where the state is the cause; else empty. */
  readonly reason: string;
  /** What the caller can do, such as `reauthorize` or `fix_request`; empty where the server did not say. */
  readonly next_action: string;
  /** Names the request in the logs of the server. */
  readonly request_id: string;
  /** The fields of the request that break a rule, and further facts. */
  readonly details: ErrorDetail[];
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** What the server says to wait for before the next attempt, in milliseconds. */
  declare readonly retry_after?: number;

  constructor(facts: ErrorFacts) {
    super(facts.message, 'cause' in facts ? { cause: facts.cause } : undefined);
    this.code = facts.code;
    this.reason = facts.reason ?? '';
    this.next_action = facts.next_action ?? '';
    this.request_id = facts.request_id ?? '';
    this.details = facts.details ?? [];
    this.status = facts.status ?? 0;
    if (facts.retry_after !== undefined) {
      this.retry_after = facts.retry_after;
    }
  }
}

/** The request breaks a rule; `details` says which (400). */
export class BadRequestError extends AgentConnectError {
  override readonly name = 'BadRequestError';
}

/** The token or the client's secret is not accepted (401). */
export class AuthenticationError extends AgentConnectError {
  override readonly name = 'AuthenticationError';
}

/** The caller may not do this, or the user has not granted it (403). */
export class PermissionDeniedError extends AgentConnectError {
  override readonly name = 'PermissionDeniedError';
}

/** There is no such thing in the caller's environment (404). */
export class NotFoundError extends AgentConnectError {
  override readonly name = 'NotFoundError';
}

/** What is there already does not allow this (409). */
export class ConflictError extends AgentConnectError {
  override readonly name = 'ConflictError';
}

/** The state of the account does not allow this; `code` names the state and `next_action` what ends it. */
export class AccountStateError extends AgentConnectError {
  override readonly name = 'AccountStateError';
}

/** There were too many calls; `retry_after` says how long to wait (429). */
export class RateLimitError extends AgentConnectError {
  override readonly name = 'RateLimitError';
}

/** The server failed or is not available (5xx). */
export class ServerError extends AgentConnectError {
  override readonly name = 'ServerError';
}

/** The server was not reached, or the connection broke before the answer was there. */
export class ConnectionError extends AgentConnectError {
  override readonly name = 'ConnectionError';
}

/** The answer was not there in time. */
export class TimeoutError extends AgentConnectError {
  override readonly name = 'TimeoutError';
}

const OF_STATE: readonly string[] = [
  'ACCOUNT_PENDING', 'ACCOUNT_EXPIRED', 'ACCOUNT_REVOKED', 'ACCOUNT_ERROR', 'ACCOUNT_SUSPENDED',
];

/** The error of an answer, in the class that fits. */
export function errorOf(facts: ErrorFacts & { status: number }): AgentConnectError {
  return new (classOf(facts.code, facts.status))(facts);
}

function classOf(code: string, status: number): typeof AgentConnectError {
  if (OF_STATE.includes(code)) {
    return AccountStateError;
  }
  switch (status) {
    case 400:
      return BadRequestError;
    case 401:
      return AuthenticationError;
    case 403:
      return PermissionDeniedError;
    case 404:
      return NotFoundError;
    case 409:
      return ConflictError;
    case 429:
      return RateLimitError;
    default:
      return status >= 500 ? ServerError : AgentConnectError;
  }
}
