// Handle OAuth callback
app.get('/callback', async (req, res) => {
const { code, state, error } = req.query;
if (error) {
// Handle OAuth error
return res.status(400).json({ error: error });
}
try {
// Exchange code for tokens
const result = await agentConnect.accounts.exchangeCode(
'account_id',
code,
state
);
// Account is now active
res.json({ status: 'success', account: result });
} catch (err) {
res.status(500).json({ error: err.message });
}
});
