import { AgentConnectError, ConnectionError, errorOf, TimeoutError } from './errors.js';
import type { PreparedRequest } from './request.js';

/** What bounds one attempt. */
export interface Bounds {
  fetch: typeof fetch;
  /** In milliseconds. */
  timeout: number;
  signal: AbortSignal | undefined;
}

/** What came back, whole. */
export interface Answer {
  response: Response;
  content: string;
}

/** Sends a request once and reads its answer, of whatever status. */
export async function exchange(request: PreparedRequest, { fetch, timeout, signal }: Bounds): Promise<Answer> {
  signal?.throwIfAborted();
  const late = AbortSignal.timeout(timeout);
  const { url, ...init } = request;
  try {
    const ending = signal ? AbortSignal.any([signal, late]) : late;
    // Credentials go to the address that was given, and nowhere else.
    const response = await fetch(url, { ...init, redirect: 'manual', signal: ending });
    return { response, content: await response.text() };
  } catch (cause) {
    signal?.throwIfAborted();
    if (late.aborted) {
      const message = `${placeOf(request)} was not answered within ${timeout} ms`;
      throw new TimeoutError({ code: 'TIMEOUT', message, cause });
    }
    const message = `${placeOf(request)} did not reach the server: ${whyNot(cause)}`;
    throw new ConnectionError({ code: 'CONNECTION_FAILED', message, cause });
  }
}

/** The JSON of an answer with a status of success. */
export function contentOf({ response, content }: Answer, request: PreparedRequest): any {
  const json = parsed(content);
  if (response.ok && json !== undefined) {
    return json;
  }
  throw failure(response, json, placeOf(request));
}

function placeOf({ method, url }: PreparedRequest): string {
  return `${method} ${new URL(url).pathname}`;
}

function failure({ ok, status, headers }: Response, json: any, place: string): AgentConnectError {
  const retry_after = milliseconds(headers.get('retry-after'));
  const facts = retry_after === undefined ? { status } : { status, retry_after };
  if (!ok && typeof json?.code === 'string') {
    return errorOf({ ...json, ...facts });
  }
  // The token endpoint answers as RFC 6749 section 5.2 says.
  if (!ok && typeof json?.error === 'string') {
    const message = `${place} answered ${json.error}: ${json.error_description ?? 'without a description'}`;
    return errorOf({ code: json.error.toUpperCase(), message, ...facts });
  }
  const message = `${place} answered ${status} without the JSON of this API; is a proxy or another server at this address?`;
  return errorOf({ code: 'UNEXPECTED_ANSWER', message, ...facts });
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

/** `Retry-After` is a number of seconds or a date (RFC 9110 section 10.2.3). */
export function milliseconds(retryAfter: string | null): number | undefined {
  if (retryAfter === null) {
    return undefined;
  }
  const wait = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/** Platforms say "fetch failed" and put the reason into the cause. */
function whyNot(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  return [message, cause?.code ?? cause?.message].filter(Boolean).join(': ');
}
