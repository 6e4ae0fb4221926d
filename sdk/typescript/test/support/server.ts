/** A small HTTP server that answers as a test says and remembers what it was asked. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

import { AgentConnect, type AgentConnectOptions } from '../../src/index.ts';

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What to answer: a status with JSON or text and headers, or `hang`, or `drop`. */
export type Answer = { status?: number; json?: unknown; text?: string; headers?: Record<string, string> } | 'hang' | 'drop';

export interface Server {
  url: string;
  asked: Asked[];
  close(): void;
}

/** Starts a server that is closed after the tests of the file. */
export async function serve(answer: (asked: Asked, number: number) => Answer | Promise<Answer>): Promise<Server> {
  const asked: Asked[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) {
      chunks.push(chunk as Buffer);
    }
    const { pathname, searchParams } = new URL(incoming.url!, 'http://localhost');
    const request = {
      method: incoming.method!, path: pathname, query: searchParams, headers: incoming.headers, body: Buffer.concat(chunks).toString(),
    };
    asked.push(request);
    send(response, await answer(request, asked.length));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  after(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer === 'hang') {
    return;
  }
  if (answer === 'drop') {
    response.destroy();
    return;
  }
  const { status = 200, json, text, headers = {} } = answer;
  response.writeHead(status, { 'content-type': text === undefined ? 'application/json' : 'text/html', ...headers });
  response.end(text ?? JSON.stringify(json ?? {}));
}

/** Answers one after the other; the last one again and again. */
export function inTurn(...answers: Answer[]) {
  return (_: Asked, number: number): Answer => answers[Math.min(number, answers.length) - 1]!;
}

/** A client of such a server. */
export function client({ url }: Server, options: Partial<AgentConnectOptions> = {}): AgentConnect {
  return new AgentConnect({ baseUrl: url, apiToken: 'vkt_test', ...options } as AgentConnectOptions);
}

/** What a call fails with. */
export async function failure(call: Promise<unknown>): Promise<any> {
  return call.then(() => { throw new Error('the call did not fail'); }, (error: unknown) => error);
}

/** An error as the server answers it. */
export function refusal(status: number, code: string, more: object = {}): Answer {
  const json = { code, message: `${code} happened`, reason: '', next_action: 'fix_request', request_id: 'req_1', details: [], ...more };
  return { status, json };
}
