/** The programs in the README of the SDK. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, mock, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { newIdentifier } from '../support/clients.ts';
import { active, agentConnect } from '../support/connect.ts';
import { PROGRAMS } from '../support/examples.ts';
import { User } from '../support/user.ts';

const README = fileURLToPath(new URL('../../../sdk/typescript/README.md', import.meta.url));
const client = agentConnect();
/** The programs as they stand, without the indentation of the list that they are in. */
const BLOCKS = [...readFileSync(README, 'utf8').matchAll(/^( *)```js\n(.*?)^ *```/gms)].map(([, indent, text]) =>
  text!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
);

let user: User;
before(async () => (user = await User.arrive()));
after(() => user.leave());

/** Runs a program with what the text around it supposes to be there; returns what it has logged. */
async function run(block: string, given: Record<string, unknown>): Promise<unknown[]> {
  Object.assign(globalThis, { given });
  const names = Object.keys(given).filter((name) => !new RegExp(`const ${name}\\b`).test(block));
  const path = `${PROGRAMS}readme-${newIdentifier()}.mjs`;
  writeFileSync(path, `const { ${names.join(', ')} } = globalThis.given;\n${block}`);
  const log = mock.method(console, 'log', () => {});
  try {
    await import(pathToFileURL(path).href);
  } finally {
    log.mock.restore();
  }
  return log.mock.calls.flatMap((call) => call.arguments);
}

test('five minutes lead to an active account', async () => {
  for await (const { id } of client.accounts.list({ connection_id: 'gmail', identifier: 'user_123' })) {
    await client.accounts.delete(id);
  }
  const [first, second] = BLOCKS;
  const [said, url] = await run(first!, {});
  assert.equal(said, 'Open this:');
  await user.consent(url as string);
  const [account] = await client.accounts.list({ connection_id: 'gmail', identifier: 'user_123' });
  assert.match(second!, /^await agentConnect\.accounts\.getStatus\(account\.id\); \/\/ 'active'$/m);
  await run(second!, { agentConnect: client, account });
  assert.equal(account!.status, 'active');
});

test('the other programs run', async () => {
  const { id } = await active(client, 'gmail');
  const items = [{ connection_id: 'gmail', identifier: newIdentifier() }];
  const { signal } = new AbortController();
  assert.ok(BLOCKS.length >= 5);
  for (const block of BLOCKS.slice(2)) {
    await run(block, { agentConnect: client, id, items, signal });
  }
});
