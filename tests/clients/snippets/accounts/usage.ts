// Get account usage statistics
const usage = await agentConnect.accounts.getUsage('account_id', {
start_date: '2024-01-01',
end_date: '2024-01-31'
});
