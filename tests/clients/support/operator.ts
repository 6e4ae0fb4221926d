/** What the operator of the main server and of the test provider does. */
import { execFileSync } from 'node:child_process';

import { PROVIDER_URL, variable } from './clients.ts';

/** Runs `valetkey ARGUMENTS` on the data of the main server and returns what it prints. */
export function operator(...given: string[]): string {
  const place = JSON.parse(variable('VALETKEY_TEST_PLACE')) as string[];
  return execFileSync(variable('VALETKEY_TEST_BINARY'), [...given, ...place], { encoding: 'utf8', stdio: 'pipe' });
}

/** Lets the test provider do these things wrong, as its control API names them, while `work` is done. */
export async function whileProviderMisbehaves<T>(misbehaviours: unknown[], work: () => Promise<T>): Promise<T> {
  await misbehave(misbehaviours);
  try {
    return await work();
  } finally {
    await misbehave([]);
  }
}

/** While `work` is done, the test provider issues access tokens that work for a second. */
export async function whileTokensAreShort<T>(work: () => Promise<T>): Promise<T> {
  const { settings } = (await control('GET', '')) as { settings: { access_seconds: number } };
  await control('POST', '', { settings: { access_seconds: 1 } });
  try {
    return await work();
  } finally {
    await control('POST', '', { settings: { access_seconds: settings.access_seconds } });
  }
}

/** The grant to which a token of the test provider belongs. */
export async function grantOf(token: string): Promise<string> {
  return ((await control('POST', '/token', { token })) as { grant: string }).grant;
}

/** A request that the test provider has received. */
export interface Call {
  method: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  body: string;
}

/** Opens a grant as if the user had consented; returns it with its tokens. */
export async function openGrant(user: string, scopes: string[]) {
  const opened = (await control('POST', '/grants', { user, scopes })) as Record<'grant' | 'access_token' | 'refresh_token', string>[];
  return opened[0];
}

/** The requests to the API that came with a token of the grant, whose number is in its tokens. */
export async function callsOf(grant: string): Promise<Call[]> {
  const bearer = `Bearer at_${grant.replace('grant_', '')}_`;
  const seen = (await control('GET', '/requests')) as Call[];
  return seen.filter(({ headers }) => headers.authorization?.startsWith(bearer));
}

/** Ends a grant at the test provider, with all its tokens. */
export async function endGrant(grant: string): Promise<void> {
  await control('DELETE', `/grants/${grant}`);
}

async function misbehave(misbehaviours: unknown[]): Promise<void> {
  await control('POST', '', { misbehave: misbehaviours });
}

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${PROVIDER_URL}/_control${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`the test provider does not ${method} ${path} ${JSON.stringify(body)}: ${answer.status} ${text}`);
  }
  return text && JSON.parse(text);
}
