// Get account health metrics
const health = await agentConnect.accounts.getHealth('account_id');
