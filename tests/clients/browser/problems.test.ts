/** What a person sees where connecting does not work, and what it leaves behind. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ConnectorStatus } from '@scalekit-sdk/node/lib/pkg/grpc/scalekit/v1/connected_accounts/connected_accounts_pb';
import type { Browser } from 'playwright-core';

import { launch } from '../support/browser.ts';
import { BRIEF, newIdentifier, sdk, SERVER_URL } from '../support/clients.ts';
import { operator, whileProviderMisbehaves } from '../support/operator.ts';
import { connectAs, heading, interceptCallback } from '../support/pages.ts';
import { Visitor } from '../support/visitor.ts';

const { actions } = sdk();
const connectionName = 'test';
let browser: Browser;
before(async () => (browser = await launch()));
after(() => browser.close());

async function newLink() {
  const identifier = newIdentifier();
  const { link } = await actions.getAuthorizationLink({ connectionName, identifier });
  const account = async () => (await actions.getConnectedAccount({ connectionName, identifier })).connectedAccount!;
  return { link, account, status: async () => (await account()).status };
}

test('T52 a link that has ended says so', async () => {
  const { link, expiry } = await sdk(BRIEF).actions.getAuthorizationLink({
    connectionName, identifier: newIdentifier(),
  });
  const end = Number(expiry!.seconds) * 1000 + expiry!.nanos / 1e6;
  const person = await Visitor.arrive(browser);
  const { page } = person;
  let response = await page.goto(link);
  while (response!.status() === 200) {
    assert.ok(Date.now() < end + 10_000, 'the link works for longer than it was said to');
    response = await page.goto(link);
  }
  assert.equal(response!.status(), 410);
  assert.ok(Date.now() >= end - 1000, 'the link ended before its time');
  await heading(page, 'This link has expired');
  await person.inspect('link-expired');
  await person.leave();
});

test('T52 a link that was used says so, and connects nobody else', async () => {
  const { link, status } = await newLink();
  const first = await Visitor.arrive(browser);
  await connectAs(first.page, link, 'alice');
  await heading(first.page, 'Test provider is connected');
  await first.leave();

  const second = await Visitor.arrive(browser);
  const response = await second.page.goto(link);
  assert.equal(response!.status(), 410);
  await heading(second.page, 'This link has already been used');
  await second.inspect('link-used');
  await second.leave();
  assert.equal(await status(), ConnectorStatus.ACTIVE);
});

test('a link that the operator has revoked says so, also to a browser that is at the provider', async () => {
  const { link, account, status } = await newLink();
  const person = await Visitor.arrive(browser);
  const address = await interceptCallback(person.page, link);
  const [{ id }] = JSON.parse(operator('link', 'list', (await account()).id, '--environment', 'dev', '--json'));
  operator('link', 'revoke', id, '--environment', 'dev');

  assert.equal((await person.page.goto(link))!.status(), 410);
  await heading(person.page, 'This link was withdrawn');
  await person.inspect('link-revoked');
  await person.page.goto(address);
  await heading(person.page, 'This link was withdrawn');
  await person.leave();
  assert.equal(await status(), ConnectorStatus.PENDING_AUTH);
});

test('an address that is no link says so', async () => {
  const { link } = await newLink();
  const person = await Visitor.arrive(browser);
  for (const wrong of [`${link.slice(0, -2)}xx`, link.slice(0, -5), `${SERVER_URL}/connect/nothing`]) {
    const response = await person.page.goto(wrong);
    assert.equal(response!.status(), 404);
    await heading(person.page, 'This link does not work');
  }
  await person.inspect('link-unknown');
  await person.leave();
});

test('T04 T53 what begins in one browser cannot be finished in another', async () => {
  const { link, status } = await newLink();
  const victim = await Visitor.arrive(browser);
  const address = await interceptCallback(victim.page, link, 'alice');

  const stranger = await Visitor.arrive(browser);
  const response = await stranger.page.goto(address);
  assert.equal(response!.status(), 403);
  await heading(stranger.page, 'This was started in another browser');
  assert.ok(!stranger.page.url().includes('code='));
  await stranger.inspect('wrong-browser');
  await stranger.leave();
  await victim.leave();
  assert.equal(await status(), ConnectorStatus.PENDING_AUTH);
});

test('T03 the way back from the provider works once', async () => {
  const { link, status } = await newLink();
  const person = await Visitor.arrive(browser);
  const address = await interceptCallback(person.page, link);
  await person.page.goto(address);
  await heading(person.page, 'Test provider is connected');
  assert.equal(await status(), ConnectorStatus.ACTIVE);

  const response = await person.page.goto(address);
  assert.equal(response!.status(), 409);
  await heading(person.page, 'This step is already done');
  await person.inspect('step-already-done');
  await person.leave();
  assert.equal(await status(), ConnectorStatus.ACTIVE);
});

test('T06 the way back is refused when it names another issuer, before the code is used', async () => {
  const { link, status } = await newLink();
  const person = await Visitor.arrive(browser);
  const address = new URL(await interceptCallback(person.page, link));
  assert.ok(address.searchParams.get('iss'));
  address.searchParams.set('iss', 'https://elsewhere.example');
  await person.page.goto(address.href);
  await heading(person.page, 'The answer came from the wrong place');
  await person.inspect('wrong-issuer');
  await person.leave();
  assert.equal(await status(), ConnectorStatus.PENDING_AUTH);
});

test('T12 an error of the provider is told in our words, and its own are never run or shown', async () => {
  for (const [code, title, picture] of [
    ['temporarily_unavailable', 'Test provider does not answer', 'provider-unavailable'],
    ['consent_required', 'Test provider needs an answer from you', 'provider-consent-required'],
    ['<script>alert(1)</script>', 'Test provider reported an error', 'provider-unknown-error'],
  ]) {
    const { link, status } = await newLink();
    const person = await Visitor.arrive(browser);
    const { page } = person;
    const address = new URL(await interceptCallback(page, link));
    address.searchParams.delete('code');
    address.searchParams.set('error', code);
    address.searchParams.set('error_description', '<img src=x onerror=alert(1)> secret-of-the-provider');
    await page.goto(address.href);
    await heading(page, title);
    assert.equal(await page.locator('script, img').count(), 0);
    assert.ok(!(await page.content()).includes('secret-of-the-provider'));
    await page.getByText(/^Reference for support: \S+/).waitFor();
    await page.getByRole('link', { name: 'Try again' }).waitFor();
    await person.inspect(picture);
    await person.leave();
    assert.equal(await status(), ConnectorStatus.PENDING_AUTH);
  }
});

test('an answer that belongs to nothing is refused', async () => {
  const person = await Visitor.arrive(browser);
  const { link } = await newLink();
  const address = new URL(await interceptCallback(person.page, link));
  address.searchParams.set('state', 'forged');
  const response = await person.page.goto(address.href);
  assert.equal(response!.status(), 400);
  await heading(person.page, 'We do not recognize this answer');
  await person.inspect('unknown-state');
  await person.leave();
});

test('T05 T15 an answer that arrives at another connection is refused, and connects nothing', async () => {
  const { link, status } = await newLink();
  const { connections } = await actions.listConnections({ pageSize: 30 });
  const gmail = connections.find((connection) => connection.connectionName === 'gmail')!;
  const person = await Visitor.arrive(browser);
  const address = await interceptCallback(person.page, link);
  await person.page.goto(address.replace(/conn_[0-9a-z]+/, gmail.id));
  await heading(person.page, 'We do not recognize this answer');
  await person.leave();
  assert.equal(await status(), ConnectorStatus.PENDING_AUTH);
});

test('a provider that does not hand over the token is to blame, and nothing is connected', async () => {
  for (const [misbehaviour, title, picture] of [
    [{ token_server_error: { status: 503 } }, 'Test provider does not answer', 'token-unavailable'],
    ['token_html200', 'Test provider did not complete the connection', 'token-unusable'],
  ] as const) {
    const { link, status } = await newLink();
    const person = await Visitor.arrive(browser);
    await whileProviderMisbehaves([misbehaviour], () => connectAs(person.page, link));
    await heading(person.page, title);
    await person.inspect(picture);
    assert.equal(await status(), ConnectorStatus.PENDING_AUTH);

    await person.page.getByRole('link', { name: 'Try again' }).click();
    await connectAs(person.page, person.page.url());
    await heading(person.page, 'Test provider is connected');
    await person.leave();
    assert.equal(await status(), ConnectorStatus.ACTIVE);
  }
});

test('a person learns which of the wanted permissions were not given', async () => {
  const { link } = await newLink();
  const person = await Visitor.arrive(browser);
  await whileProviderMisbehaves(['less_scope_than_asked'], () => connectAs(person.page, link));
  await heading(person.page, 'Test provider is connected');
  await person.page.getByRole('heading', { name: 'Not everything was allowed' }).waitFor();
  await person.inspect('scope-missing');
  await person.leave();
});

test('a form of another site is refused', async () => {
  const { link, status } = await newLink();
  const person = await Visitor.arrive(browser);
  await person.page.goto(link);
  const foreign = await person.context.request.post(link, {
    headers: { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' }, form: {},
  });
  assert.equal(foreign.status(), 403);
  await person.leave();
  assert.equal(await status(), ConnectorStatus.PENDING_AUTH);
});
