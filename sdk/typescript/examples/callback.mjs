// An application that receives authorization codes itself. `valetkey dev` allows its callback where it is started with
//   cargo run -- dev --redirect-uri http://127.0.0.1:3000/callback
// Then: node examples/callback.mjs [connection] [identifier], and open http://127.0.0.1:3000/
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import { agentConnect } from './client.mjs';

const [connection_id = 'gmail', identifier = 'user_456', port = '3000'] = process.argv.slice(2);
let redirect_uri;

/** The account of each state that is on its way. The states of a real application are bound to the user's session. */
const expected = new Map();

async function start(response) {
  const { accounts } = agentConnect;
  const [known] = await accounts.list({ connection_id, identifier });
  const { id } = known ?? (await accounts.create({ connection_id, identifier, identifier_type: 'user_id' }));
  const state = randomUUID();
  expected.set(state, id);
  response.writeHead(302, { location: await accounts.getAuthUrl(id, { redirect_uri, state }) }).end();
}

async function finish(query, response) {
  const { code, state = '', error, iss } = Object.fromEntries(query);
  // What we gave as state stands behind the first dot.
  const own = state.slice(state.indexOf('.') + 1);
  const id = expected.get(own);
  expected.delete(own);
  if (error || !id) {
    response.writeHead(400).end(`${error ?? 'nobody has asked for this'}\n`);
    return;
  }
  const account = await agentConnect.accounts.exchangeCode(id, code, state, { iss });
  response.end(`${account.identifier} is ${account.status}\n`);
}

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, redirect_uri);
  const answer = pathname === '/callback' ? finish(searchParams, response) : start(response);
  answer.catch((error) => response.writeHead(500).end(`${error.message}\n`));
});
server.listen(Number(port), '127.0.0.1', () => {
  const address = `http://127.0.0.1:${server.address().port}/`;
  redirect_uri = `${address}callback`;
  console.log(`Open ${address}`);
});
