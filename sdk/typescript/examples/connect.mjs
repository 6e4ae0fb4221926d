// Creates an account, and waits until its user has authorized on the hosted page.
//   node examples/connect.mjs [connection] [identifier]
import { agentConnect } from './client.mjs';

const [connection_id = 'gmail', identifier = 'user_123'] = process.argv.slice(2);

const [known] = await agentConnect.accounts.list({ connection_id, identifier });
const account = known ?? (await agentConnect.accounts.create({ connection_id, identifier, identifier_type: 'user_id' }));

if (account.status !== 'active') {
  console.log(`Open this: ${await agentConnect.accounts.getAuthUrl(account.id)}`);
  for await (const event of agentConnect.events.follow({ account_id: account.id }, { interval: 500 })) {
    console.log(event.kind);
    if ((await agentConnect.accounts.getStatus(account.id)) === 'active') {
      break;
    }
  }
}

const { status, scopes, metadata } = await agentConnect.accounts.get(account.id);
console.log({ status, scopes, metadata });
