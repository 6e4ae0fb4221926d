// Creates many accounts under one key, so that a second start of this program makes none twice, and changes them.
//   node examples/bulk.mjs [connection] [number]
import { agentConnect } from './client.mjs';

const [connection_id = 'gmail', number = '1500'] = process.argv.slice(2);
const { accounts } = agentConnect;

const items = Array.from({ length: Number(number) }, (_, index) => ({
  connection_id, identifier: `import-${index}`, metadata: { source: 'import' },
}));
const made = await accounts.createBulk(items, { idempotencyKey: `import-${connection_id}-${number}` });
for (const { index, error } of made.failed) {
  console.error(items[index].identifier, error.code, error.message);
}

const changed = await accounts.updateSettingsBulk(made.map(({ id }) => id), { rate_limit: 100 });
console.log(`${made.length} accounts, ${changed.operation.succeeded} of them changed`);

let listed = 0;
for await (const { settings } of accounts.list({ connection_id, metadata: { source: 'import' }, page_size: 500 })) {
  listed += settings.rate_limit === 100 ? 1 : 0;
}
console.log(`${listed} accounts have the metadata and the setting`);
