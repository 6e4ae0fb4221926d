// Generate authorization URL
const authUrl = await agentConnect.accounts.getAuthUrl('account_id', {
state: 'custom_state_value',
redirect_uri: 'https://your-app.com/callback',
scopes: ['additional_scope']
});
