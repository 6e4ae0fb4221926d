// Create test account
const testAccount = await agentConnect.accounts.create({
connection_id: 'conn_test_provider',
identifier: 'test_user',
identifier_type: 'user_id',
test_mode: true
});
// Use test tokens
const testTokens = await agentConnect.accounts.getTestTokens('account_id');
