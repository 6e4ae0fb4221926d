try {
const account = await agentConnect.accounts.get('account_id');
} catch (error) {
switch (error.code) {
case 'ACCOUNT_NOT_FOUND':
// Account doesn't exist
break;
case 'ACCOUNT_EXPIRED':
// Tokens expired, refresh needed
break;
case 'ACCOUNT_REVOKED':
// User revoked access
break;
case 'INVALID_PERMISSIONS':
// Insufficient permissions
break;
default:
// Other errors
break;
}
}
