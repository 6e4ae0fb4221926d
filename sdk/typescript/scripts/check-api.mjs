// Fails where this package and the API of the server are not the same: a generated file that would be written anew, an
// operation that no method calls, a method that calls what is not there.
import { readdirSync, readFileSync } from 'node:fs';

import { operations } from './document.mjs';
import { file } from './files.mjs';
import { generated } from './generated.mjs';

const troubles = [];

for (const [path, content] of Object.entries(generated())) {
  if (readFileSync(file(path), 'utf8') !== content) {
    troubles.push(`${path} is not what the API says; run npm run generate in sdk/typescript`);
  }
}

const directories = ['src', 'src/resources'];
const sources = directories.flatMap((directory) =>
  readdirSync(file(directory)).filter((name) => name.endsWith('.ts')).map((name) => readFileSync(file(`${directory}/${name}`), 'utf8')),
);
const imports = sources.flatMap((source) => [...source.matchAll(/import \{([^}]*)\} from '[./]*generated\/operations\.js'/g)]);
const called = new Set(imports.flatMap(([, names]) => names.split(',').map((name) => name.trim()).filter(Boolean)));
const known = new Set(operations().map(({ name }) => name[0].toLowerCase() + name.slice(1)));
for (const name of known.difference?.(called) ?? [...known].filter((name) => !called.has(name))) {
  troubles.push(`no method calls ${name}`);
}
for (const name of [...called].filter((name) => !known.has(name))) {
  troubles.push(`a method calls ${name}, which the API does not have`);
}

if (troubles.length > 0) {
  console.error(troubles.join('\n'));
  process.exit(1);
}
console.log(`${known.size} operations, each of which a method calls`);
