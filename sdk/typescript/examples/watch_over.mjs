// Looks after the accounts of a connection: what can be refreshed is, what needs its user is told, what is old is listed.
//   node examples/watch_over.mjs [connection]
import { AccountStateError } from '@valetkey/sdk';

import { agentConnect } from './client.mjs';

const [connection_id = 'gmail'] = process.argv.slice(2);
const { accounts, cleanup } = agentConnect;

for await (const account of accounts.list({ connection_id, status: ['active', 'expired', 'revoked', 'error'] })) {
  const { forecast, authentication } = await accounts.getHealth(account.id);
  console.log(account.identifier, account.status, authentication.success_rate ?? 'never', forecast.explanation);
  if (account.next_action === 'refresh') {
    await accounts.refreshTokens(account.id).catch((error) => {
      if (!(error instanceof AccountStateError)) {
        throw error;
      }
      console.log(account.identifier, error.code, error.next_action);
    });
  } else if (account.next_action === 'reauthorize') {
    console.log('ask its user to open', await accounts.getAuthUrl(account.id));
  }
}

for await (const { account, rule, since } of cleanup.report({ unused_days: 90, expired_days: 30, connection_id })) {
  console.log(`${account.identifier} is ${rule} since ${since}`);
}
console.log('done');
