/** A person connects an account for an application that checks who they are. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';

import { ConnectorStatus } from '@scalekit-sdk/node/lib/pkg/grpc/scalekit/v1/connected_accounts/connected_accounts_pb';
import type { Browser } from 'playwright-core';

import { launch } from '../support/browser.ts';
import { newIdentifier, sdk, VERIFIED } from '../support/clients.ts';
import { connectAs, heading } from '../support/pages.ts';
import { Visitor } from '../support/visitor.ts';

const { actions } = sdk(VERIFIED);
const connectionName = 'test';
let browser: Browser;
let application: Server;
let home: string;

before(async () => {
  browser = await launch();
  application = createServer((request, response) => void answer(new URL(request.url!, home)).then(
    (text) => response.setHeader('content-type', 'text/html').end(`<!doctype html><html lang="en"><title>Acme</title><main><h1>${text}</h1>`),
  ));
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
  home = `http://127.0.0.1:${(application.address() as AddressInfo).port}`;
});

after(async () => {
  await browser.close();
  application.close();
});

/** What the application does when a browser comes back: it knows its user by its own session, here the state. */
async function answer(address: URL): Promise<string> {
  const authRequestId = address.searchParams.get('auth_request_id');
  if (!authRequestId) {
    return 'Nothing here';
  }
  try {
    await actions.verifyConnectedAccountUser({ authRequestId, identifier: address.searchParams.get('state')! });
    return 'Connected';
  } catch (error) {
    return (error as Error).constructor.name;
  }
}

test('the application confirms its user while the browser is there', async () => {
  const identifier = newIdentifier();
  const { link } = await actions.getAuthorizationLink({
    connectionName, identifier, state: identifier, userVerifyUrl: `${home}/verify`,
  });
  const person = await Visitor.arrive(browser, { origins: [home] });
  await person.page.goto(link);
  await person.page.getByText(/^Afterwards .+ checks that it was you\.$/).waitFor();
  await person.inspect('verification-start');
  await connectAs(person.page, link);
  await heading(person.page, 'Connected');
  await person.inspect('verification-application');
  await person.leave();
  const { connectedAccount } = await actions.getConnectedAccount({ connectionName, identifier });
  assert.equal(connectedAccount!.status, ConnectorStatus.ACTIVE);
});

test('an application that finds somebody else gets no active account', async () => {
  const identifier = newIdentifier();
  const { link } = await actions.getAuthorizationLink({
    connectionName, identifier, state: 'mallory', userVerifyUrl: `${home}/verify`,
  });
  const person = await Visitor.arrive(browser, { origins: [home] });
  await connectAs(person.page, link);
  await heading(person.page, 'ScalekitForbiddenException');
  await person.leave();
  const { connectedAccount } = await actions.getConnectedAccount({ connectionName, identifier });
  assert.notEqual(connectedAccount!.status, ConnectorStatus.ACTIVE);
});
