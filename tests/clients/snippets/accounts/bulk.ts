// Refresh tokens for multiple accounts
const refreshResults = await agentConnect.accounts.refreshTokensBulk([
'account_1',
'account_2',
'account_3'
]);
// Update settings for multiple accounts
await agentConnect.accounts.updateSettingsBulk([
'account_1',
'account_2'
], {
auto_refresh: true,
rate_limit: 150
});
