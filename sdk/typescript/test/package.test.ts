/** What an application gets that installs this package. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { build } from 'esbuild';

import { file } from '../scripts/files.mjs';

const NAMES = 'JSON.stringify(Object.keys(sdk).sort())';
let application: string;

before(() => {
  execFileSync(process.execPath, [file('scripts/build.mjs')], { stdio: 'inherit' });
  application = mkdtempSync(join(tmpdir(), 'valetkey-sdk-'));
  mkdirSync(join(application, 'node_modules/@valetkey'), { recursive: true });
  symlinkSync(file('.'), join(application, 'node_modules/@valetkey/sdk'));
  symlinkSync(file('node_modules/@types'), join(application, 'node_modules/@types'));
});
after(() => rmSync(application, { recursive: true }));

function run(name: string, source: string): string {
  const path = join(application, name);
  writeFileSync(path, source);
  return execFileSync(process.execPath, [path], { encoding: 'utf8', cwd: application });
}

test('it is imported and required under the same names', () => {
  const imported = run('imports.mjs', `import * as sdk from '@valetkey/sdk'; console.log(${NAMES});`);
  const required = run('requires.cjs', `const sdk = require('@valetkey/sdk'); console.log(${NAMES});`);
  assert.equal(imported, required);
  assert.ok(JSON.parse(imported).includes('AgentConnect'));
});

test('it has no dependencies', () => {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(file('package.json'), 'utf8'));
  assert.deepEqual([dependencies, peerDependencies], [undefined, undefined]);
});

test('the package of the repository, for npm to install it from git, is this one', () => {
  const own = JSON.parse(readFileSync(file('package.json'), 'utf8'));
  const repository = JSON.parse(readFileSync(file('../../package.json'), 'utf8'));
  const moved = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll('./dist/', './sdk/typescript/dist/'));
  for (const key of ['name', 'version', 'license', 'sideEffects', 'engines', 'main', 'module', 'types', 'exports']) {
    assert.deepEqual(repository[key], moved(own[key]), key);
  }
});

test('it has licence, readme and what is compiled in it, and nothing else', () => {
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8', cwd: file('.') }));
  const paths: string[] = packed.files.map(({ path }: { path: string }) => path);
  const others = paths.filter((path) => !/^dist\/(esm|cjs)\/[\w/]+\.(js|d\.ts|json)$/.test(path));
  assert.deepEqual(others.sort(), ['LICENSE', 'README.md', 'package.json']);
});

const TYPED = `
  import { AgentConnect, AgentConnectError, type Account, type AccountState } from '@valetkey/sdk';
  const agentConnect = new AgentConnect({ baseUrl: 'https://valetkey.example', apiToken: 'vkt_1' });
  export async function use(): Promise<void> {
    const url: string = await agentConnect.accounts.getAuthUrl('ca_1', { state: 's', scopes: ['a'] as const });
    const state: AccountState = await agentConnect.accounts.getStatus('ca_1');
    const accounts: Account[] = await agentConnect.accounts.list({ status: 'active' });
    for await (const { identifier } of agentConnect.accounts.list()) identifier.toUpperCase();
    const { failed } = await agentConnect.accounts.createBulk([{ connection_id: 'gmail', identifier: 'u' }]);
    const code: string | undefined = failed[0]?.error?.code;
    try { await agentConnect.accounts.get('ca_1'); } catch (error) {
      if (error instanceof AgentConnectError && error.code === 'ACCOUNT_NOT_FOUND') console.log(error.next_action);
    }
    // @ts-expect-error: there is no such state
    await agentConnect.accounts.list({ status: 'actve' });
    // @ts-expect-error: an identifier is needed
    await agentConnect.accounts.create({ connection_id: 'gmail' });
    // @ts-expect-error: a client needs something to authenticate with
    new AgentConnect({ baseUrl: 'https://valetkey.example' });
    console.log(url, state, accounts, code);
  }
`;

for (const [name, platform] of [['ESM of Node', ['node']], ['CommonJS of Node', ['node']], ['a browser', []]] as const) {
  test(`its types hold for ${name}`, () => {
    const extension = name === 'CommonJS of Node' ? 'cts' : 'mts';
    writeFileSync(join(application, `typed.${extension}`), TYPED);
    const lib = platform.length > 0 ? ['es2022'] : ['es2022', 'dom', 'dom.iterable'];
    const compilerOptions = { strict: true, noEmit: true, module: 'nodenext', target: 'es2022', lib, types: platform };
    writeFileSync(join(application, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [`typed.${extension}`] }));
    execFileSync(process.execPath, [file('node_modules/typescript/bin/tsc'), '--project', application], { stdio: 'inherit' });
  });
}

test('an application that uses a part of it bundles that part', async () => {
  const bundle = async (source: string) => {
    const { outputFiles } = await build({
      stdin: { contents: source, resolveDir: application }, bundle: true, format: 'esm', write: false, minify: true,
    });
    return outputFiles[0]!.text;
  };
  const whole = await bundle(`import { AgentConnect } from '@valetkey/sdk'; console.log(AgentConnect);`);
  const part = await bundle(`import { Links, Transport } from '@valetkey/sdk'; console.log(Links, Transport);`);
  const nothing = await bundle(`import { AgentConnect } from '@valetkey/sdk';`);
  assert.match(whole, /cleanup:run/);
  assert.doesNotMatch(part, /cleanup:run|bulk-create|connect\/events/);
  assert.match(part, /connect\/links/);
  assert.equal(nothing.trim(), '');
});
