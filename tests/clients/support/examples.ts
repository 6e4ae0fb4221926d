/** An application that is made of the examples of the accounts API, as they stand. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { AgentConnect } from '@valetkey/sdk';
import express from 'express';

import { SERVER_URL } from './clients.ts';

export const TESTS = fileURLToPath(new URL('..', import.meta.url));
export const SNIPPETS = `${TESTS}snippets/accounts/`;
export const PROGRAMS = fileURLToPath(new URL('../../../target/clients/programs/accounts/', import.meta.url));

rmSync(PROGRAMS, { recursive: true, force: true });
mkdirSync(PROGRAMS, { recursive: true });

let programs = 0;

/** Writes a program of the snippet as it stands, around it what it uses and the names to tell of; returns its path. */
export function program(snippet: string, names: string[] = []): string {
  const source = [
    `import type { AgentConnect } from '@valetkey/sdk';`,
    'const { agentConnect, app } = globalThis as unknown as { agentConnect: AgentConnect; app: any };',
    readFileSync(`${SNIPPETS}${snippet}.ts`, 'utf8'),
    `export { ${names.join(', ')} };`,
  ];
  const path = `${PROGRAMS}${(programs += 1)}-${snippet}.ts`;
  writeFileSync(path, source.join('\n'));
  return path;
}

/** Runs such a program; returns the values of the names. */
export async function run(agentConnect: AgentConnect, snippet: string, ...names: string[]): Promise<any> {
  Object.assign(globalThis, { agentConnect });
  return import(pathToFileURL(program(snippet, names)).href);
}

/**
 * A client for the examples. They name accounts as an application may, such as `account_id`; here such a name stands for
 * the id that the server gave to the account.
 */
export function exampleClient(apiToken: string, ids: Record<string, string>): AgentConnect {
  const replaced: typeof fetch = (input, init) => {
    let [url, body] = [String(input), init?.body as string | undefined];
    for (const [name, id] of Object.entries(ids)) {
      url = url.replace(new RegExp(`/${name}(?=[/:?]|$)`), `/${id}`);
      body = body?.replaceAll(`"${name}"`, `"${id}"`);
    }
    return fetch(url, { ...init, body });
  };
  return new AgentConnect({ baseUrl: SERVER_URL, apiToken, fetch: replaced });
}

/** The application's own server, to which the example adds its callback. */
export async function exampleServer() {
  const app = express();
  Object.assign(globalThis, { app });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  /** Sends the user's browser to the callback; the host of the example's address is ours. */
  const visit = async (address: URL) => {
    const answer = await fetch(new URL(address.pathname + address.search, origin));
    return { status: answer.status, json: (await answer.json()) as any };
  };
  return { visit, close: () => server.close() };
}

/** Runs the call of the example with curl, to which its host and token are the server's and a token of the test. */
export async function curl(apiToken: string): Promise<any> {
  const shell = `
    curl() {
      set -- "\${@//YOUR_API_TOKEN/$TOKEN}"
      command curl --silent --show-error --fail-with-body "\${@/#https:\\/\\/api.scalekit.com/$SERVER}"
    }
    source "$SNIPPET"`;
  const env = { ...process.env, TOKEN: apiToken, SERVER: SERVER_URL, SNIPPET: `${SNIPPETS}create_account.sh` };
  const { stdout } = await promisify(execFile)('bash', ['-c', shell], { env });
  return JSON.parse(stdout);
}
