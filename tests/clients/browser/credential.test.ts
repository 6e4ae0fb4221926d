/** A person enters a key. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ConnectorStatus } from '@scalekit-sdk/node/lib/pkg/grpc/scalekit/v1/connected_accounts/connected_accounts_pb';
import type { Browser } from 'playwright-core';

import { launch } from '../support/browser.ts';
import { newIdentifier, sdk } from '../support/clients.ts';
import { heading } from '../support/pages.ts';
import { Visitor } from '../support/visitor.ts';

const { actions } = sdk();
const connectionName = 'testkey';
let browser: Browser;
before(async () => (browser = await launch()));
after(() => browser.close());

async function newLink() {
  const identifier = newIdentifier();
  const { link } = await actions.getAuthorizationLink({ connectionName, identifier });
  return { link, identifier };
}

async function accountOf(identifier: string) {
  return (await actions.getConnectedAccount({ connectionName, identifier })).connectedAccount!;
}

test('T56 a wrong key is refused and not shown again, and a right one connects', async () => {
  const { link, identifier } = await newLink();
  const person = await Visitor.arrive(browser);
  const { page } = person;
  await page.goto(link);
  await heading(page, /^Connect Test key to /);
  const key = page.getByLabel('API key');
  assert.equal(await key.getAttribute('type'), 'password');
  assert.equal(await key.getAttribute('autocomplete'), 'off');
  await person.inspect('key-start');

  await key.fill('test-key-wrong');
  await page.getByRole('button', { name: /^Connect / }).click();
  await page.getByRole('alert').waitFor();
  assert.match((await page.getByRole('alert').textContent())!, /did not accept/);
  assert.ok(!(await page.content()).includes('test-key-wrong'));
  assert.equal(await key.inputValue(), '');
  assert.match(await page.title(), /^Error: /);
  await person.inspect('key-refused');
  assert.equal((await accountOf(identifier)).status, ConnectorStatus.PENDING_AUTH);

  await key.fill('test-key-good');
  await page.getByRole('button', { name: /^Connect / }).click();
  await heading(page, 'Test key is connected');
  await person.inspect('key-connected');
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0]);
  await person.leave();

  const account = await accountOf(identifier);
  assert.equal(account.status, ConnectorStatus.ACTIVE);
  assert.equal(account.authorizationDetails?.details.case, 'staticAuth');
  assert.ok(JSON.stringify(account.authorizationDetails.details.value).includes('test-key-good'));
});

test('a key is entered with the keyboard, on a phone, without JavaScript', async () => {
  const { link, identifier } = await newLink();
  const person = await Visitor.arrive(browser, { viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
  await person.page.goto(link);
  await person.page.getByLabel('API key').focus();
  await person.page.keyboard.type('test-key-good');
  await person.page.keyboard.press('Enter');
  await heading(person.page, 'Test key is connected');
  await person.leave();
  assert.equal((await accountOf(identifier)).status, ConnectorStatus.ACTIVE);
});

test('a form without an entry is explained beside the field', async () => {
  const { link } = await newLink();
  const person = await Visitor.arrive(browser);
  const { page } = person;
  await page.goto(link);
  await page.locator('form').first().evaluate((form: HTMLFormElement) => (form.noValidate = true));
  await page.getByRole('button', { name: /^Connect / }).click();
  await page.getByRole('alert').waitFor();
  assert.equal(await page.getByLabel('API key').getAttribute('aria-invalid'), 'true');
  await person.inspect('key-missing');
  await person.leave();
});

test('a new link collects another key for the same account', async () => {
  const { link, identifier } = await newLink();
  const person = await Visitor.arrive(browser);
  const { page } = person;
  const enter = async () => {
    await page.getByLabel('API key').fill('test-key-good');
    await page.getByRole('button', { name: /^Connect / }).click();
    await heading(page, 'Test key is connected');
  };
  await page.goto(link);
  await enter();
  const before = await accountOf(identifier);
  await page.goto((await actions.getAuthorizationLink({ connectionName, identifier })).link);
  await heading(page, /^Reconnect Test key to /);
  assert.equal(await page.getByLabel('API key').inputValue(), '', 'the old key is not shown');
  await enter();
  await person.leave();
  assert.equal((await accountOf(identifier)).id, before.id);
});
