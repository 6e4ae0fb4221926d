import { AgentConnectError, ConnectionError, errorOf, TimeoutError } from './errors.js';
import type { PreparedRequest } from './request.js';

/** What bounds one attempt. */
export interface Bounds {
  fetch: typeof fetch;
  /** In milliseconds. */
  timeout: number;
  signal: AbortSignal | undefined;
}

/** Sends a request once and reads its answer, of whatever status. */
export async function exchange(request: PreparedRequest, { fetch, timeout, signal }: Bounds): Promise<Response & { content: string }> {
  signal?.throwIfAborted();
  const late = AbortSignal.timeout(timeout);
  const place = `${request.method} ${new URL(request.url).pathname}`;
  const { url, ...init } = request;
  try {
    // Credentials go to the address that was given, and nowhere else.
    const answer = await fetch(url, { ...init, redirect: 'manual', signal: signal ? AbortSignal.any([signal, late]) : late });
    return Object.assign(answer, { content: await answer.text() });
  } catch (cause) {
    signal?.throwIfAborted();
    if (late.aborted) {
      throw new TimeoutError({ code: 'TIMEOUT', message: `${place} was not answered within ${timeout} ms`, cause });
    }
    throw new ConnectionError({ code: 'CONNECTION_FAILED', message: `${place} did not reach the server: ${whyNot(cause)}`, cause });
  }
}

/** The JSON of an answer with a status of success. */
export function contentOf(answer: Response & { content: string }, request: PreparedRequest): any {
  const json = parsed(answer.content);
  if (answer.ok && json !== undefined) {
    return json;
  }
  throw failure(answer, json, `${request.method} ${new URL(request.url).pathname}`);
}

function failure(answer: Response, json: any, place: string): AgentConnectError {
  const { status } = answer;
  const retry_after = milliseconds(answer.headers.get('retry-after'));
  const waiting = retry_after === undefined ? {} : { retry_after };
  if (!answer.ok && typeof json?.code === 'string') {
    return errorOf({ ...json, ...waiting, status });
  }
  if (!answer.ok && typeof json?.error === 'string') {
    const message = `${place} answered ${json.error}: ${json.error_description ?? 'without a description'}`;
    return errorOf({ code: json.error.toUpperCase(), message, ...waiting, status });
  }
  const message = `${place} answered ${status} without the JSON of this API; is there another server, or a proxy, at this address?`;
  return errorOf({ code: 'UNEXPECTED_ANSWER', message, ...waiting, status });
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
