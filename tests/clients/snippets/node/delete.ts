await actions.deleteConnectedAccount({
  connectionName: 'gmail',
  identifier: 'user_123',
});
