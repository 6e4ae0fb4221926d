/** The example programs of the SDK. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { newIdentifier } from '../support/clients.ts';
import { active, agentConnect, consent, exampleConnections, GMAIL } from '../support/connect.ts';
import { User } from '../support/user.ts';

const EXAMPLES = fileURLToPath(new URL('../../../sdk/typescript/examples/', import.meta.url));
const client = agentConnect();
let user: User;

before(async () => {
  await exampleConnections(client);
  user = await User.arrive();
});
after(() => user.leave());

/** An example that runs, and what it has printed. */
class Example {
  readonly lines: string[] = [];
  private readonly process: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(name: string, ...given: string[]) {
    this.process = spawn(process.execPath, [`${EXAMPLES}${name}.mjs`, ...given], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.ended = once(this.process, 'close');
    createInterface(this.process.stdout!).on('line', (line) => this.lines.push(line));
  }

  /** The first line that the expression finds, once it is there. */
  async line(wanted: RegExp): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => wanted.test(line));
      if (found) {
        return found;
      }
      assert.equal(this.process.exitCode, null, `no ${wanted} in ${this.lines.join('\n')}`);
      await new Promise((resolve) => this.process.stdout!.once('data', resolve).once('close', resolve));
    }
  }

  /** All that it printed, when it has ended well. */
  async end(): Promise<string> {
    await this.ended;
    assert.equal(this.process.exitCode, 0, this.lines.join('\n'));
    return this.lines.join('\n');
  }

  async stop(): Promise<void> {
    this.process.kill();
    await this.ended;
  }
}

test('connect: a user who opens the printed address is connected', async () => {
  const identifier = newIdentifier();
  const example = new Example('connect', 'gmail', identifier);
  await user.consent((await example.line(/^Open this: /)).replace('Open this: ', ''));
  assert.match(await example.end(), /status: 'active'/);
  assert.match(await new Example('connect', 'gmail', identifier).end(), /^\{\s*status: 'active'/);
});

test('callback: an application receives the code itself', async () => {
  const example = new Example('callback', GMAIL, newIdentifier(), '0');
  try {
    const address = (await example.line(/^Open /)).replace('Open ', '');
    const { allowed_redirect_uris } = await client.connections.get(GMAIL);
    await client.connections.setRedirectUris(GMAIL, [...allowed_redirect_uris, `${address}callback`]);
    const start = async () => (await fetch(address, { redirect: 'manual' })).headers.get('location')!;
    const connected = await fetch(await consent(await start()));
    assert.match(await connected.text(), /^user-\w+ is active\n$/);
    const denied = await fetch(await consent(await start(), 'deny'));
    assert.deepEqual([denied.status, await denied.text()], [400, 'access_denied\n']);
    assert.equal((await fetch(`${address}callback?code=1&state=2`)).status, 400);
  } finally {
    await example.stop();
  }
});

test('bulk: 1500 accounts are made once, however often it is started', async () => {
  const expected = '1500 accounts, 1500 of them changed\n1500 accounts have the metadata and the setting';
  assert.equal(await new Example('bulk', 'test', '1500').end(), expected);
  assert.equal(await new Example('bulk', 'test', '1500').end(), expected);
});

test('watch over: accounts are looked after', async () => {
  const { identifier } = await active(client);
  const revoked = await active(client);
  await client.accounts.disconnect(revoked.id);
  const printed = await new Example('watch_over', GMAIL).end();
  assert.match(printed, new RegExp(`^${identifier} active 1 `, 'm'));
  assert.match(printed, new RegExp(`^${revoked.identifier} revoked `, 'm'));
  assert.match(printed, /^ask its user to open https:/m);
  assert.match(printed, /^done$/m);
});
