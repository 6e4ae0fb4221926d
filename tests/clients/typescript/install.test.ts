/** The SDK is installed from the repository with npm, into applications that have nothing of it yet. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
let directory: string;
let repository: string;

/** A repository with what git has of the package, without anything that was built. */
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'valetkey-install-'));
  repository = join(directory, 'repository');
  const sources = ['sdk/typescript', 'package.json', 'LICENSE', 'README.md', '.gitignore'];
  const known = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...sources], { cwd: ROOT, encoding: 'utf8' });
  for (const path of known.split('\0').filter(Boolean)) {
    cpSync(join(ROOT, path), join(repository, path));
  }
  const git = (...given: string[]) => execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...given], { cwd: repository });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message=Everything');
});
after(() => rmSync(directory, { recursive: true }));

/** Installs it into a new application, which then has it in both forms. */
function installs(name: string, given: (repository: string) => string[]): void {
  test(`npm installs it ${name}`, () => {
    const application = join(directory, name.replaceAll(' ', '-'));
    mkdirSync(application);
    writeFileSync(join(application, 'package.json'), '{}');
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', ...quiet, ...given(repository)], { cwd: application, stdio: 'pipe' });
    for (const load of [`require('@valetkey/sdk')`, `await import('@valetkey/sdk')`]) {
      const program = `(async () => console.log(typeof (${load}).AgentConnect))()`;
      const said = execFileSync(process.execPath, ['--eval', program], { cwd: application, encoding: 'utf8' });
      assert.equal(said, 'function\n');
    }
  });
}

installs('from git', (repository) => [`git+file://${repository}#main`]);
installs('from a checkout', (repository) => [`${repository}/sdk/typescript`]);
installs('from a checkout as a copy', (repository) => ['--install-links', `${repository}/sdk/typescript`]);
