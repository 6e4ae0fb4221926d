import { AgentConnectError, ConnectionError, TimeoutError } from './errors.js';

/** The wait before the first repetition, at the most; it doubles with each further one. In milliseconds. */
const FIRST_DELAY = 500;
const LONGEST_DELAY = 8_000;
/** A server that asks for more patience than this gets the caller to decide. */
const LONGEST_RETRY_AFTER = 60_000;

/** Does `attempt` until it succeeds, fails for good, or was repeated `maxRetries` times. */
export async function retrying<T>(
  attempt: () => Promise<T>,
  { maxRetries, signal }: { maxRetries: number; signal: AbortSignal | undefined },
): Promise<T> {
  for (let repetitions = 0; ; repetitions += 1) {
    try {
      return await attempt();
    } catch (error) {
      const delay = repetitions < maxRetries ? delayAfter(error, repetitions) : undefined;
      if (delay === undefined) {
        throw error;
      }
      await sleep(delay, signal);
    }
  }
}

/** The wait after an error, in milliseconds; undefined where another attempt would not help. */
export function delayAfter(error: unknown, repetitions: number): number | undefined {
  if (!isTransient(error)) {
    return undefined;
  }
  const { retry_after: asked } = error;
  if (asked !== undefined) {
    return asked <= LONGEST_RETRY_AFTER ? asked : undefined;
  }
  // Full jitter: callers that failed together do not come back together.
  return Math.random() * Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** repetitions);
}

function isTransient(error: unknown): error is AgentConnectError {
  if (error instanceof ConnectionError || error instanceof TimeoutError) {
    return true;
  }
  return error instanceof AgentConnectError && [429, 502, 503, 504].includes(error.status);
}

/** Waits for so many milliseconds, or rejects with the reason of the signal. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
