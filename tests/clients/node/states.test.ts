/** States that change without the user, as the SDK shows them, and the way back by the published examples. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { ConnectorStatus } from '@scalekit-sdk/node/lib/pkg/grpc/scalekit/v1/connected_accounts/connected_accounts_pb';

import { ACCOUNT, CHECK_AND_HANDLE, forget, run } from '../support/application.ts';
import { sdk } from '../support/clients.ts';
import { endGrant, grantOf, operator, whileProviderMisbehaves, whileTokensAreShort } from '../support/operator.ts';
import { User } from '../support/user.ts';

const { actions } = sdk();
const GMAIL = ['--connection', 'gmail', '--identifier', ACCOUNT.identifier, '--environment', 'dev'];

let user: User;
before(async () => (user = await User.arrive()));
after(() => user.leave());

test('a user brings an expired account back by the link of the examples', async () => {
  const id = await whileTokensAreShort(async () => {
    const connected = await connect();
    await endGrant(await grantOf(await token()));
    return connected;
  });
  await isShownAs(ConnectorStatus.EXPIRED);
  await comesBack(id);
});

test('a user brings a revoked account back by the link of the examples', async () => {
  const id = await whileTokensAreShort(async () => {
    const connected = await connect();
    const revoked = { misbehaviour: 'revoked_by_user', grant: await grantOf(await token()) };
    await whileProviderMisbehaves([revoked], () => isShownAs(ConnectorStatus.DISCONNECTED));
    return connected;
  });
  await comesBack(id);
});

test('a user brings a disconnected account back by the link of the examples', async () => {
  const id = await connect();
  operator('account', 'disconnect', ...GMAIL);
  await isShownAs(ConnectorStatus.DISCONNECTED);
  await comesBack(id);
});

test('a suspended account stays so whatever its user does until an operator resumes it', async () => {
  const id = await connect();
  operator('account', 'suspend', ...GMAIL);
  await isShownAs(ConnectorStatus.DISCONNECTED);
  await user.consent((await run(actions, CHECK_AND_HANDLE)).link!);
  await isShownAs(ConnectorStatus.DISCONNECTED);
  operator('account', 'resume', ...GMAIL);
  await isShownAs(ConnectorStatus.ACTIVE);
  const done = await run(actions, CHECK_AND_HANDLE);
  assert.deepEqual([done.account?.id, done.link], [id, undefined]);
});

/** Connects the account anew by the examples; returns its id. */
async function connect(): Promise<string> {
  await forget(actions);
  await user.consent((await run(actions, ['create_and_link'])).link!);
  return (await actions.getConnectedAccount(ACCOUNT)).connectedAccount!.id;
}

/** The user follows the link that the examples make for an account that is not active. */
async function comesBack(id: string): Promise<void> {
  await user.consent((await run(actions, CHECK_AND_HANDLE)).link!);
  await isShownAs(ConnectorStatus.ACTIVE);
  for (const snippets of [CHECK_AND_HANDLE, ['reauthorize']]) {
    const done = await run(actions, snippets);
    assert.deepEqual([done.account?.id, done.link], [id, undefined]);
  }
}

async function token(): Promise<string> {
  const { connectedAccount } = await actions.getConnectedAccount(ACCOUNT);
  const details = connectedAccount!.authorizationDetails!.details;
  return details.case === 'oauthToken' ? details.value.accessToken : '';
}

/** Waits until the account has this status, and checks that it has it wherever it is shown. */
async function isShownAs(status: ConnectorStatus): Promise<void> {
  const deadline = Date.now() + 15_000;
  const read = async () => (await actions.getConnectedAccount(ACCOUNT)).connectedAccount!.status;
  // Other processes and the background work of the server take a moment.
  while ((await read()) !== status) {
    assert.ok(Date.now() < deadline, `it does not become ${ConnectorStatus[status]}`);
    await pause(100);
  }
  const { connectedAccounts } = await actions.listConnectedAccounts(ACCOUNT);
  assert.deepEqual(connectedAccounts.map((listed) => listed.status), [status]);
  assert.equal((await token()) !== '', status === ConnectorStatus.ACTIVE, 'only an active account gives its token');
}
