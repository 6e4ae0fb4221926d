/** The blocks of TypeScript in the documentation and in the skill, run in their order against the server. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, mock, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { TESTS } from '../support/application.ts';
import { sdk } from '../support/clients.ts';
import { User } from '../support/user.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PROGRAMS = `${ROOT}target/clients/documentation/`;
/** Whom the pages speak of. */
const ACCOUNT = { connectionName: 'test', identifier: 'user_123' };

/** The code of each page that has some. */
function pages(): [string, string][] {
  const files = ['docs', 'plugins'].flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`));
  const markdown = files.filter((name) => name.endsWith('.md')).sort();
  const code = (name: string) => [...readFileSync(ROOT + name, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block);
  return markdown.map((name): [string, string] => [name, code(name).join('\n')]).filter(([, text]) => text !== '');
}

/** Writes the code of a page as a program; returns its path. */
function program(page: string, code: string): string {
  const path = `${PROGRAMS}${page.replaceAll('/', '-')}.ts`;
  writeFileSync(path, `${code}\nexport {};\n`);
  return path;
}

let user: User;
const { actions } = sdk();
before(async () => {
  rmSync(PROGRAMS, { recursive: true, force: true });
  mkdirSync(PROGRAMS, { recursive: true });
  user = await User.arrive();
  await actions.getOrCreateConnectedAccount(ACCOUNT);
  await user.consent((await actions.getAuthorizationLink(ACCOUNT)).link!);
});
after(async () => {
  await actions.deleteConnectedAccount(ACCOUNT);
  await user.leave();
});

test('there are pages with TypeScript', () => assert.ok(pages().length > 0));

for (const [page, code] of pages()) {
  test(`the TypeScript of ${page} runs and shows something`, async () => {
    const log = mock.method(console, 'log', () => {});
    try {
      await import(pathToFileURL(program(page, code)).href);
    } finally {
      log.mock.restore();
    }
    assert.ok(log.mock.calls.length > 0);
  });
}

test('it passes the compiler', () => {
  const settings = { extends: `${TESTS}tsconfig.json`, compilerOptions: { typeRoots: [`${TESTS}node_modules/@types`] }, include: ['*.ts'] };
  writeFileSync(`${PROGRAMS}tsconfig.json`, JSON.stringify(settings));
  execFileSync(`${TESTS}node_modules/.bin/tsc`, ['--noEmit', '--project', PROGRAMS], { stdio: 'pipe', encoding: 'utf8' });
});
