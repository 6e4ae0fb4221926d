/** What a flow carries is in the places where it has to be, and in no other. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import type { Browser, Request } from 'playwright-core';

import { launch } from '../support/browser.ts';
import { newIdentifier, sdk, SERVER_URL, variable } from '../support/clients.ts';
import { CALLBACK, connectAs, heading } from '../support/pages.ts';
import { Visitor } from '../support/visitor.ts';

const { actions } = sdk();
let browser: Browser;
before(async () => (browser = await launch()));
after(() => browser.close());

test('T11 no code, state, link or key is in the log, in a referrer or in the history of the browser', async () => {
  const named = { connectionName: 'test', identifier: newIdentifier() };
  const { link } = await actions.getAuthorizationLink(named);
  const person = await Visitor.arrive(browser);
  const requests: Request[] = [];
  const addresses: string[] = [];
  person.page.on('request', (request) => requests.push(request));
  person.page.on('framenavigated', (frame) => addresses.push(frame.url()));
  await connectAs(person.page, link);
  await heading(person.page, 'Test provider is connected');

  const callback = requests.find((request) => CALLBACK.test(request.url()))!;
  const { searchParams } = new URL(callback.url());
  const [code, state] = [searchParams.get('code')!, searchParams.get('state')!];
  const referrers = await Promise.all(requests.map(async (request) => (await request.allHeaders()).referer));
  assert.deepEqual(referrers.filter(Boolean), []);
  const ours = addresses.filter((address) => address.startsWith(SERVER_URL));
  assert.ok(ours.length > 0);
  assert.ok(ours.every((address) => !address.includes(code) && !address.includes(state)), ours.join(' '));

  const key = await actions.getAuthorizationLink({ ...named, connectionName: 'testkey' });
  await person.page.goto(key.link);
  await person.page.getByLabel('API key').fill('test-key-wrong-and-secret');
  await person.page.getByRole('button', { name: /^Connect / }).click();
  await person.page.getByRole('alert').waitFor();
  await person.leave();

  const log = readFileSync(variable('VALETKEY_TEST_LOG'), 'utf8');
  const { connectedAccount } = await actions.getConnectedAccount(named);
  const { details } = connectedAccount!.authorizationDetails!;
  assert.equal(details.case, 'oauthToken');
  const { accessToken, refreshToken } = details.value as { accessToken: string; refreshToken: string };
  const secret = variable('SCALEKIT_CLIENT_SECRET');
  const token = (address: string) => address.split('/').at(-1)!;
  assert.ok(log.includes('the provider refused the entered credential'), 'the log is that of this server');
  for (const [name, value] of Object.entries({
    code, state, link: token(link), keyLink: token(key.link), accessToken, refreshToken,
    key: 'test-key-wrong-and-secret',
  })) {
    assert.ok(value.length > 10, name);
    assert.ok(!log.includes(value), `${name} is in the log`);
  }
  assert.equal(log.split(secret).length - 1, 1, 'the secret is printed once, by the greeting of `dev`');
});
