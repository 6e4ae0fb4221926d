const account = await agentConnect.accounts.get('account_id');
