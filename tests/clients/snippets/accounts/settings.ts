// Update account settings
await agentConnect.accounts.updateSettings('account_id', {
auto_refresh: true,
rate_limit: 100,
timeout: 30,
retry_attempts: 3
});
