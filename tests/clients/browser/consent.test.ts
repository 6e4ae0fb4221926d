/** A person connects an account at an OAuth provider. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ConnectorStatus } from '@scalekit-sdk/node/lib/pkg/grpc/scalekit/v1/connected_accounts/connected_accounts_pb';
import type { Browser } from 'playwright-core';

import { launch } from '../support/browser.ts';
import { newIdentifier, PROVIDER_URL, sdk, SERVER_URL } from '../support/clients.ts';
import { approve, CALLBACK, connectAs, continueToProvider, deny, heading } from '../support/pages.ts';
import { Visitor } from '../support/visitor.ts';

const { actions } = sdk();
let browser: Browser;
before(async () => (browser = await launch()));
after(() => browser.close());

async function newLink(connectionName = 'test') {
  const identifier = newIdentifier();
  const { link } = await actions.getAuthorizationLink({ connectionName, identifier });
  const account = async () => (await actions.getConnectedAccount({ connectionName, identifier })).connectedAccount!;
  return { link, identifier, account };
}

test('T54 a person sees who asks for what, consents, and the account is active', async () => {
  const { link, identifier, account } = await newLink();
  const person = await Visitor.arrive(browser);
  const { page } = person;

  await page.goto(link);
  await heading(page, /^Connect Test provider to /);
  await page.getByRole('heading', { name: /^What .+ will be able to do$/ }).waitFor();
  await page.getByText('read your test data').waitFor();
  await page.getByText(/^You can disconnect at any time/).waitFor();
  assert.ok(!(await page.content()).includes(identifier), 'the identifier is masked');
  await person.inspect('consent-start');

  await continueToProvider(page);
  assert.equal(new URL(page.url()).origin, new URL(PROVIDER_URL).origin);
  await person.inspect('consent-provider');
  await approve(page, 'alice');

  await heading(page, 'Test provider is connected');
  await page.getByText(/alice/).waitFor();
  assert.match(page.url(), /\/connect\/done\/[0-9a-f]+$/, 'no code and no state in the address');
  await person.inspect('consent-connected');
  await page.reload();
  await heading(page, 'Test provider is connected');
  await person.leave();

  const connected = await account();
  assert.equal(connected.status, ConnectorStatus.ACTIVE);
  assert.ok(connected.tokenExpiresAt);
});

test('a connection whose endpoints the operator has set works like any other', async () => {
  const { link, account } = await newLink('gmail');
  const person = await Visitor.arrive(browser);
  await connectAs(person.page, link, 'bob');
  await heading(person.page, 'Gmail is connected');
  await person.page.getByText('bob@example.test').waitFor();
  await person.leave();
  assert.equal((await account()).status, ConnectorStatus.ACTIVE);
});

test('T01 T02 every authorization request has an S256 challenge, and never the same state or challenge', async () => {
  const seen = new Set<string>();
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const { link } = await newLink();
    const person = await Visitor.arrive(browser);
    await person.page.goto(link);
    await continueToProvider(person.page);
    const query = new URL(person.page.url()).searchParams;
    assert.equal(query.get('response_type'), 'code');
    assert.equal(query.get('code_challenge_method'), 'S256');
    assert.match(query.get('code_challenge')!, /^[A-Za-z0-9_-]{43}$/);
    assert.ok(query.get('state')!.length >= 22);
    assert.ok(query.get('redirect_uri')!.startsWith(`${SERVER_URL}/sso/v1/oauth/conn_`));
    seen.add(query.get('state')!).add(query.get('code_challenge')!);
    await person.leave();
  }
  assert.equal(seen.size, 6);
});

test('T52 opening the link does nothing by itself, on any number of devices', async () => {
  const { link, account } = await newLink();
  for (const _ of [1, 2]) {
    const scanner = await Visitor.arrive(browser);
    await scanner.page.goto(link);
    await heading(scanner.page, /^Connect Test provider/);
    await scanner.leave();
  }
  assert.equal((await account()).status, ConnectorStatus.PENDING_AUTH);

  const person = await Visitor.arrive(browser);
  await connectAs(person.page, link, 'bob');
  await heading(person.page, 'Test provider is connected');
  await person.leave();
  assert.equal((await account()).status, ConnectorStatus.ACTIVE);
});

test('the keyboard is enough', async () => {
  const { link, account } = await newLink();
  const person = await Visitor.arrive(browser);
  const { page } = person;
  await page.goto(link);
  await tabTo(page, /^Continue to /);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  await tabTo(page, /^Approve$/);
  await page.keyboard.press('Enter');
  await heading(page, 'Test provider is connected');
  await person.leave();
  assert.equal((await account()).status, ConnectorStatus.ACTIVE);
});

test('a phone is enough', async () => {
  const { link } = await newLink();
  const person = await Visitor.arrive(browser, {
    viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true,
  });
  await person.page.goto(link);
  await person.inspect('phone-consent-start');
  const button = await person.page.getByRole('button', { name: /^Continue to / }).boundingBox();
  assert.ok(button!.height >= 44, 'a button is large enough for a finger');
  await connectAs(person.page, link);
  await heading(person.page, 'Test provider is connected');
  await person.inspect('phone-consent-connected');
  await person.leave();
});

test('JavaScript is not needed', async () => {
  const { link, account } = await newLink();
  const person = await Visitor.arrive(browser, { javaScriptEnabled: false });
  await connectAs(person.page, link);
  await heading(person.page, 'Test provider is connected');
  await person.leave();
  assert.equal((await account()).status, ConnectorStatus.ACTIVE);
});

test('a person who changes their mind is told that nothing happened, and can try again', async () => {
  const { link, account } = await newLink();
  const person = await Visitor.arrive(browser);
  const { page } = person;
  await page.goto(link);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await heading(page, 'Test provider was not connected');
  await person.inspect('consent-cancelled');
  assert.equal((await account()).status, ConnectorStatus.PENDING_AUTH);

  await page.getByRole('link', { name: 'Try again' }).click();
  await continueToProvider(page);
  await deny(page);
  await heading(page, 'Test provider was not connected');
  await person.inspect('consent-denied');
  assert.equal((await account()).status, ConnectorStatus.PENDING_AUTH);

  await page.getByRole('link', { name: 'Try again' }).click();
  await continueToProvider(page);
  await approve(page);
  await heading(page, 'Test provider is connected');
  await person.leave();
  assert.equal((await account()).status, ConnectorStatus.ACTIVE);
});

test('an account is connected again by a new link, which says so', async () => {
  const { link, identifier, account } = await newLink();
  const person = await Visitor.arrive(browser);
  await connectAs(person.page, link);
  await heading(person.page, 'Test provider is connected');

  const again = await actions.getAuthorizationLink({ connectionName: 'test', identifier });
  await person.page.goto(again.link);
  await heading(person.page, /^Reconnect Test provider to /);
  await person.inspect('consent-again');
  await connectAs(person.page, again.link);
  await heading(person.page, 'Test provider is connected');
  await person.leave();
  assert.equal((await account()).status, ConnectorStatus.ACTIVE);
});

test('T55 pages forbid scripts, framing, caching and referrers, and the cookie stays with this site', async () => {
  const { link } = await newLink();
  const person = await Visitor.arrive(browser);
  const { page } = person;
  const responses = [(await page.goto(link))!];
  page.on('response', (response) => responses.push(response));
  await connectAs(page, link);
  const cookies = await person.context.cookies();
  await person.leave();

  const own = responses.filter((response) => response.url().startsWith(SERVER_URL) && !response.url().includes('/assets/'));
  assert.ok(own.some((response) => CALLBACK.test(response.url())));
  for (const response of own) {
    const headers = response.headers();
    const policy = headers['content-security-policy'] ?? '';
    assert.match(policy, /default-src 'none'/, response.url());
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|script-src/);
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['strict-transport-security'], undefined, 'it would hold for every port of localhost');
  }
  const ours = cookies.filter(({ name }) => name.includes('vk_'));
  assert.ok(ours.length > 0);
  for (const { name, secure, httpOnly, sameSite, path } of ours) {
    assert.match(name, /^__Host-/);
    assert.deepEqual({ secure, httpOnly, sameSite, path }, { secure: true, httpOnly: true, sameSite: 'Lax', path: '/' });
  }
});

/** Presses Tab until the button with this name has the focus, and fails if that cannot be seen. */
async function tabTo(page: Visitor['page'], name: RegExp): Promise<void> {
  for (let presses = 0; presses < 20; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if (name.test((await focused.textContent())?.trim() ?? '')) {
      const outline = await focused.evaluate((element) => getComputedStyle(element).outlineStyle);
      assert.notEqual(outline, 'none', 'the focus is visible');
      return;
    }
  }
  assert.fail(`Tab does not reach ${name}`);
}
