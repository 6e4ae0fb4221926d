// Check account status
const status = await agentConnect.accounts.getStatus('account_id');
