// What npm runs where this package is installed from its sources: from git, or from a directory. Builds it, with a
// compiler of its own where none is installed yet, and leaves alone what is newer than the sources.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';

import { file } from './files.mjs';

if (!isBuilt()) {
  if (!existsSync(file('node_modules/typescript'))) {
    const flags = ['--include=dev', '--global=false', '--ignore-scripts', '--dry-run=false', '--no-audit', '--no-fund'];
    execFileSync('npm', ['ci', '--prefix', file('.'), ...flags], { stdio: 'inherit', cwd: file('.'), shell: process.platform === 'win32' });
  }
  await import('./build.mjs');
}

function isBuilt() {
  const built = file('dist/cjs/package.json');
  return existsSync(built) && newest(file('src')) < statSync(built).mtimeMs;
}

function newest(directory) {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Math.max(...entries.map((entry) => statSync(`${entry.parentPath ?? entry.path}/${entry.name}`).mtimeMs));
}
