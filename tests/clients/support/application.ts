/** An application that is made of the examples of the published documentation, as they stand. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mock } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { ScalekitNotFoundException } from '@scalekit-sdk/node';

import type { Actions } from './clients.ts';

export const TESTS = fileURLToPath(new URL('..', import.meta.url));
export const PROGRAMS = fileURLToPath(new URL('../../../target/clients/programs/published/', import.meta.url));
export const ACCOUNT = { connectionName: 'gmail', identifier: 'user_123' };
export const CHECK_AND_HANDLE = ['check_status', 'handle_inactive'];

rmSync(PROGRAMS, { recursive: true, force: true });
mkdirSync(PROGRAMS, { recursive: true });

let programs = 0;

/** Writes a program of client construction and the snippets as they stand; returns its path. */
export function program(snippets: string[]): string {
  const source = [
    `import type { ScalekitClient } from '@scalekit-sdk/node';`,
    `const { actions } = globalThis as unknown as { actions: ScalekitClient['actions'] };`,
    readFileSync(`${TESTS}snippets/node/${snippets[0]}.ts`, 'utf8'),
  ];
  for (const snippet of snippets.slice(1)) {
    source.push('const connectedAccount = response.connectedAccount;');
    source.push(readFileSync(`${TESTS}snippets/node/${snippet}.ts`, 'utf8'));
  }
  source.push('export {};');
  const path = `${PROGRAMS}${(programs += 1)}-${snippets.join('-')}.ts`;
  writeFileSync(path, source.join('\n'));
  return path;
}

/** Runs such a program, and tells what the SDK answered to it last. */
export async function run(actions: Actions, snippets: string[]) {
  const answers: Partial<Record<string, any>> = {};
  const recorded = new Proxy(actions, {
    get: (target, name: keyof Actions & string) => async (...given: unknown[]) =>
      (answers[name] = await (target[name] as (...given: unknown[]) => Promise<unknown>).apply(target, given)),
  });
  Object.assign(globalThis, { actions: recorded });
  const log = mock.method(console, 'log', () => {});
  try {
    await import(pathToFileURL(program(snippets)).href);
  } finally {
    log.mock.restore();
  }
  const read = (answers.getConnectedAccount ?? answers.getOrCreateConnectedAccount) as
    | Awaited<ReturnType<Actions['getConnectedAccount']>>
    | undefined;
  return {
    account: read?.connectedAccount,
    link: answers.getAuthorizationLink?.link as string | undefined,
    printed: log.mock.calls.flatMap((call) => call.arguments),
    list: answers.listConnectedAccounts as Awaited<ReturnType<Actions['listConnectedAccounts']>> | undefined,
  };
}

/** Deletes the account, where it is there. */
export async function forget(actions: Actions): Promise<void> {
  await actions.deleteConnectedAccount(ACCOUNT).catch((error) => {
    if (!(error instanceof ScalekitNotFoundException)) {
      throw error;
    }
  });
}
