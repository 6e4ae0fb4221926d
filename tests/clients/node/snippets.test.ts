/** The TypeScript examples of the published documentation, run as they stand, over TLS and over plain HTTP. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, mock, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { ScalekitNotFoundException } from '@scalekit-sdk/node';
import { ConnectorStatus } from '@scalekit-sdk/node/lib/pkg/grpc/scalekit/v1/connected_accounts/connected_accounts_pb';
import type { Browser } from 'playwright-core';

import { launch } from '../support/browser.ts';
import { type Actions, PLAIN_URL, sdk, SERVER_URL } from '../support/clients.ts';
import { connectAs, heading } from '../support/pages.ts';

const TESTS = fileURLToPath(new URL('..', import.meta.url));
const PROGRAMS = fileURLToPath(new URL('../../../target/clients/programs/', import.meta.url));
const ACCOUNT = { connectionName: 'gmail', identifier: 'user_123' };
const CHECK_AND_HANDLE = ['check_status', 'handle_inactive'];

let browser: Browser;
before(async () => {
  rmSync(PROGRAMS, { recursive: true, force: true });
  mkdirSync(PROGRAMS, { recursive: true });
  browser = await launch();
});
after(() => browser.close());

for (const [name, url] of [['TLS', SERVER_URL], ['plain HTTP on loopback', PLAIN_URL]] as const) {
  test(`over ${name} a user goes from unknown to active and is listed and deleted`, async () => {
    const { actions } = sdk('SCALEKIT_', url);
    await forget(actions);
    await assert.rejects(run(actions, ['check_status']), ScalekitNotFoundException);

    let done = await run(actions, ['create_and_link']);
    assert.equal(done.account?.status, ConnectorStatus.PENDING_AUTH);
    assert.match(done.link!, /^https:\/\/localhost:/);
    await consent(done.link!);

    done = await run(actions, CHECK_AND_HANDLE);
    assert.equal(done.account?.status, ConnectorStatus.ACTIVE);
    assert.deepEqual(done.printed, ['Status:', ConnectorStatus.ACTIVE]);
    assert.equal(done.link, undefined, 'an active account needs no link');
    assert.equal((await run(actions, ['reauthorize'])).link, undefined);

    const { connectedAccounts, totalSize } = (await run(actions, ['list'])).list!;
    const listed = connectedAccounts.filter(({ identifier }) => identifier === ACCOUNT.identifier);
    assert.deepEqual(listed.map(({ status }) => status), [ConnectorStatus.ACTIVE]);
    assert.ok(totalSize >= 1);

    await run(actions, ['delete']);
    await assert.rejects(run(actions, ['check_status']), ScalekitNotFoundException);
  });
}

test('the same pieces connect an account that waits for its user', async () => {
  const { actions } = sdk();
  await forget(actions);
  await run(actions, ['create_and_link']);
  const first = await run(actions, CHECK_AND_HANDLE);
  const second = await run(actions, ['reauthorize']);
  assert.ok(first.link);
  assert.notEqual(first.link, second.link);
  await consent(second.link!);
  assert.equal((await run(actions, ['check_status'])).account?.status, ConnectorStatus.ACTIVE);
  await run(actions, ['delete']);
});

test('the examples pass the compiler', () => {
  for (const snippets of [CHECK_AND_HANDLE, ['create_and_link'], ['reauthorize'], ['list'], ['delete']]) {
    program(snippets);
  }
  const settings = { extends: `${TESTS}tsconfig.json`, compilerOptions: { typeRoots: [`${TESTS}node_modules/@types`] }, include: ['*.ts'] };
  writeFileSync(`${PROGRAMS}tsconfig.json`, JSON.stringify(settings));
  execFileSync(`${TESTS}node_modules/.bin/tsc`, ['--noEmit', '--project', PROGRAMS], { stdio: 'pipe', encoding: 'utf8' });
});

let programs = 0;

/** Writes a program of client construction and the snippets as they stand; returns its path. */
function program(snippets: string[]): string {
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
async function run(actions: Actions, snippets: string[]) {
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

async function consent(link: string): Promise<void> {
  const page = await browser.newPage();
  await connectAs(page, link);
  await heading(page, /is connected$/);
  await page.close();
}

async function forget(actions: Actions): Promise<void> {
  await actions.deleteConnectedAccount(ACCOUNT).catch((error) => {
    if (!(error instanceof ScalekitNotFoundException)) {
      throw error;
    }
  });
}
