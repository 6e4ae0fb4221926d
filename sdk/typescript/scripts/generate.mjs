// Writes src/generated anew: operations and types from the OpenAPI document, codes from the documentation of errors.
import { writeFileSync } from 'node:fs';

import { file } from './files.mjs';
import { generated } from './generated.mjs';

for (const [path, content] of Object.entries(generated())) {
  writeFileSync(file(path), content);
}
