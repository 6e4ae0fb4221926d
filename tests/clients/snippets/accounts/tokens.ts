// Manually refresh tokens
const refreshed = await agentConnect.accounts.refreshTokens('account_id');
// Check token status
const tokenStatus = await agentConnect.accounts.getTokenStatus('account_id');
