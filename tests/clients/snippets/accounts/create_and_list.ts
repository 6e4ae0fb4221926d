// Create multiple accounts
const accounts = await agentConnect.accounts.createBulk([
{
connection_id: 'conn_gmail_oauth',
identifier: 'user_1',
identifier_type: 'user_id'
},
{
connection_id: 'conn_gmail_oauth',
identifier: 'user_2',
identifier_type: 'user_id'
}
]);
// Get accounts by connection
const gmailAccounts = await agentConnect.accounts.list({
connection_id: 'conn_gmail_oauth'
});
// Get accounts by status
const activeAccounts = await agentConnect.accounts.list({
status: 'active'
});
