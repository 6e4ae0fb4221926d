// Compiles src to dist, once as ES modules and once as CommonJS.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

import { file } from './files.mjs';

const FORMATS = [
  { out: 'dist/esm', type: 'module', options: ['--module', 'esnext', '--moduleResolution', 'bundler'] },
  { out: 'dist/cjs', type: 'commonjs', options: ['--module', 'commonjs', '--moduleResolution', 'bundler'] },
];

rmSync(file('dist'), { recursive: true, force: true });
for (const { out, type, options } of FORMATS) {
  const arguments_ = [file('node_modules/typescript/bin/tsc'), '--project', file('tsconfig.build.json'), '--outDir', file(out), ...options];
  execFileSync(process.execPath, arguments_, { stdio: 'inherit' });
  writeFileSync(file(`${out}/package.json`), `${JSON.stringify({ type, sideEffects: false })}\n`);
}
