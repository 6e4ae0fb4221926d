/** The TypeScript examples of the published documentation, run as they stand, over TLS and over plain HTTP. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { ScalekitNotFoundException } from '@scalekit-sdk/node';
import { ConnectorStatus } from '@scalekit-sdk/node/lib/pkg/grpc/scalekit/v1/connected_accounts/connected_accounts_pb';

import { ACCOUNT, CHECK_AND_HANDLE, forget, program, PROGRAMS, run, TESTS } from '../support/application.ts';
import { PLAIN_URL, sdk, SERVER_URL } from '../support/clients.ts';
import { User } from '../support/user.ts';

let user: User;
before(async () => (user = await User.arrive()));
after(() => user.leave());

for (const [name, url] of [['TLS', SERVER_URL], ['plain HTTP on loopback', PLAIN_URL]] as const) {
  test(`over ${name} a user goes from unknown to active and is listed and deleted`, async () => {
    const { actions } = sdk('SCALEKIT_', url);
    await forget(actions);
    await assert.rejects(run(actions, ['check_status']), ScalekitNotFoundException);

    let done = await run(actions, ['create_and_link']);
    assert.equal(done.account?.status, ConnectorStatus.PENDING_AUTH);
    assert.match(done.link!, /^https:\/\/localhost:/);
    await user.consent(done.link!);

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
  await user.consent(second.link!);
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
