/** What the types of the SDK promise to be in an answer is in the answers of a server. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { always } from '../../../sdk/typescript/scripts/always.mjs';
import { newIdentifier } from '../support/clients.ts';
import { active, agentConnect, CALLBACK, callback, consent, exampleConnections, GMAIL, pending } from '../support/connect.ts';

const client = agentConnect();
const { accounts } = client;

before(() => exampleConnections(client));

/** An answer of each type, with as little in it as there can be. */
async function answers(): Promise<Record<string, object>> {
  const { id } = await pending(client);
  const authUrl = await accounts.getAuthUrlDetails(id, { redirect_uri: CALLBACK });
  const exchanged = await accounts.exchangeCodeDetails(id, callback(await consent(authUrl.url)));
  const waiting = await pending(client);
  return {
    Account: waiting,
    AccountHealth: await accounts.getHealth(waiting.id),
    AccountStatus: await accounts.getStatusDetails(waiting.id),
    ApiToken: (await client.tokens.create({ name: newIdentifier() })).api_token,
    AuthUrl: authUrl,
    BulkOperation: await client.bulkOperations.deleteAccounts({ account_ids: ['ca_nobody'], wait_seconds: 0 }),
    Connection: await client.connections.get(GMAIL),
    CreateApiTokenResponse: await client.tokens.create({ name: newIdentifier() }),
    Event: await firstEvent(),
    ExchangeCodeResponse: exchanged,
    Link: await client.links.create(waiting.id),
    Metadata: { metadata: await accounts.getMetadata(waiting.id) },
    SettingsAnswer: { settings: await accounts.getSettings(waiting.id) },
  };
}

/** An event is told a few seconds after it happened. */
async function firstEvent(): Promise<object> {
  for await (const event of client.events.follow({}, { interval: 100, signal: AbortSignal.timeout(30_000) })) {
    return event;
  }
  throw new Error('the journal has an end');
}

test('what is promised is there', async () => {
  const found = await answers();
  // Nobody waits here for the days after which an account is reported.
  const checked = Object.keys(always).filter((type) => type !== 'CleanupCandidate');
  assert.deepEqual(Object.keys(found).sort(), checked.sort());
  for (const type of checked) {
    assert.deepEqual(always[type]!.filter((field) => (found[type] as never)[field] === undefined), [], type);
  }
});
