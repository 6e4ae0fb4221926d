// Add custom metadata
await agentConnect.accounts.updateMetadata('account_id', {
user_email: 'user@example.com',
department: 'engineering',
preferences: {
notification_settings: 'email',
timezone: 'UTC'
}
});
// Retrieve metadata
const metadata = await agentConnect.accounts.getMetadata('account_id');
