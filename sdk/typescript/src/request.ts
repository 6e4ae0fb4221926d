import type { Operation } from './operation.js';

/** A request as it is sent, but for its credentials. */
export interface PreparedRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: string;
}

/** What is sent for an operation: path variables, then a query for GET and DELETE or a JSON body for the others. */
export function prepare(
  baseUrl: string,
  operation: Operation<any, unknown>,
  request: object,
  idempotencyKey?: string,
): PreparedRequest {
  const fields = new Map<string, unknown>(Object.entries(request));
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = fields.get(name);
    fields.delete(name);
    return segment(operation.name, name, value);
  });
  const headers: Record<string, string> = { accept: 'application/json' };
  if (operation.hasKey) {
    headers['idempotency-key'] = idempotencyKey ?? crypto.randomUUID();
  }
  const { method } = operation;
  if (method === 'GET' || method === 'DELETE') {
    const query = new URLSearchParams(parameters(fields)).toString();
    return { method, headers, url: baseUrl + path + (query && `?${query}`) };
  }
  headers['content-type'] = 'application/json';
  return { method, headers, url: baseUrl + path, body: JSON.stringify(Object.fromEntries(fields)) };
}

/** A value in a path. An empty one, or dots, would lead to another operation. */
function segment(operation: string, name: string, value: unknown): string {
  if (typeof value !== 'string' || /^\.{0,2}$/.test(value)) {
    throw new TypeError(`${operation} needs ${name}, which is ${JSON.stringify(value) ?? 'undefined'}`);
  }
  return encodeURIComponent(value);
}

/** Query parameters: a list is a parameter for each of its values, and what is undefined is none. */
function parameters(fields: Map<string, unknown>): string[][] {
  return [...fields].flatMap(([name, given]) =>
    [given].flat().filter((value) => value !== undefined).map((value) => [name, text(value)]),
  );
}

function text(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
