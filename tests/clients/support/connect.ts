/** Clients of the accounts API, and what its tests need of a server. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AgentConnect, type Account, type RequestOptions } from '@valetkey/sdk';

import { newIdentifier, SERVER_URL, variable } from './clients.ts';
import { operator } from './operator.ts';

/** The callback of the application in the examples. The test provider sends its users to any address with https. */
export const CALLBACK = 'https://your-app.com/callback';
export const GMAIL = 'conn_gmail_oauth';
export const TEST_PROVIDER = 'conn_test_provider';
/** A connection to a provider that is no test provider. Nothing is ever sent there. */
export const LIVE = 'conn_live';
export const MAIL_SCOPE = 'https://www.googleapis.com/auth/gmail.send';

const CONNECTIONS: [name: string, connector: string, ...scopes: string[]][] = [
  [GMAIL, 'gmail', MAIL_SCOPE, 'additional_scope'], [TEST_PROVIDER, 'testprovider'], ['test', 'testprovider'], [LIVE, 'github'],
];

/** A client that authenticates as the API client of the main server. */
export function agentConnect(prefix = 'SCALEKIT_'): AgentConnect {
  return new AgentConnect({
    baseUrl: variable(`${prefix}ENVIRONMENT_URL`),
    clientId: variable(`${prefix}CLIENT_ID`),
    clientSecret: variable(`${prefix}CLIENT_SECRET`),
  });
}

/** A new API token of the main server. */
export function apiToken(...given: string[]): string {
  const made = operator('token', 'create', '--json', '--environment', 'dev', '--name', newIdentifier(), ...given);
  return (JSON.parse(made) as { token: string }).token;
}

/** Plain HTTP with an API token. */
export class Rest {
  private readonly token: string;

  /** `given` goes to the command that makes the token. */
  constructor(...given: string[]) {
    this.token = apiToken(...given);
  }

  /** The status and the JSON of an answer. */
  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await fetch(`${SERVER_URL}/v1/connect${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: answer.status, json: (await answer.json()) as any };
  }

  /** The JSON of an answer that must be a success. */
  async ok(method: string, path: string, body?: unknown): Promise<any> {
    const { status, json } = await this.call(method, path, body);
    if (status !== 200) {
      throw new Error(`${method} ${path} answered ${status} ${JSON.stringify(json)}`);
    }
    return json;
  }
}

/** The connections that the tests name, with the callback of the examples. What is there is kept. */
export async function exampleConnections(client: AgentConnect): Promise<void> {
  const known = new Set<string>();
  for await (const { name } of client.connections.list()) {
    known.add(name);
  }
  for (const [name, connector, ...scopes] of CONNECTIONS) {
    if (!known.has(name)) {
      createConnection(name, connector, scopes);
    }
    const { allowed_redirect_uris } = await client.connections.get(name);
    await client.connections.setRedirectUris(name, [...new Set([...allowed_redirect_uris, CALLBACK])]);
  }
}

function createConnection(name: string, connector: string, scopes: string[]): void {
  const directory = mkdtempSync(join(tmpdir(), 'valetkey-connection-'));
  const secret = join(directory, 'secret');
  writeFileSync(secret, 'test-secret', { mode: 0o600 });
  operator(
    'connection', 'create', connector, '--environment', 'dev', '--name', name, '--client-id', 'test-client',
    '--client-secret-file', secret, ...scopes.flatMap((scope) => ['--scope', scope]),
  );
  rmSync(directory, { recursive: true });
}

/** Consents at the test provider as a browser without scripts does; returns the address that the user is sent to. */
export async function consent(authUrl: string, decision: 'approve' | 'deny' = 'approve', user = 'alice'): Promise<URL> {
  const page = await (await fetch(authUrl)).text();
  const request = /name="request" value="([^"]+)"/.exec(page)?.[1];
  if (!request) {
    throw new Error(`the test provider shows no consent page: ${page}`);
  }
  const body = new URLSearchParams({ request, user, decision });
  const answer = await fetch(new URL('/authorize', authUrl), { method: 'POST', body, redirect: 'manual' });
  return new URL(answer.headers.get('location')!);
}

/** What came to the callback of the application. */
export function callback(address: URL): { code: string; state: string; iss: string } {
  const { code, state, iss } = Object.fromEntries(address.searchParams);
  return { code: code!, state: state!, iss: iss! };
}

/** A pending account of an identifier that no other test has. */
export function pending(client: AgentConnect, connection_id = GMAIL, options?: RequestOptions): Promise<Account> {
  return client.accounts.create({ connection_id, identifier: newIdentifier(), identifier_type: 'user_id' }, options);
}

/** Lets the user of an account authorize through the application's own callback. */
export async function authorize(client: AgentConnect, id: string, user = 'alice'): Promise<Account> {
  const url = await client.accounts.getAuthUrl(id, { redirect_uri: CALLBACK });
  const { code, state, iss } = callback(await consent(url, 'approve', user));
  return client.accounts.exchangeCode(id, code, state, { iss });
}

/** An active account of an identifier that no other test has. */
export async function active(client: AgentConnect, connection_id = GMAIL): Promise<Account> {
  const { id } = await pending(client, connection_id);
  return authorize(client, id);
}
