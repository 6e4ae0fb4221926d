import { ConnectorStatus } from '@scalekit-sdk/node/lib/pkg/grpc/scalekit/v1/connected_accounts/connected_accounts_pb';

// Create or retrieve the connected account for this user
const response = await actions.getOrCreateConnectedAccount({
  connectionName: 'gmail',
  identifier: 'user_123',  // your app's unique user ID
});

const connectedAccount = response.connectedAccount;

// Generate the authorization link if the account is not yet active
if (connectedAccount?.status !== ConnectorStatus.ACTIVE) {
  const linkResponse = await actions.getAuthorizationLink({
    connectionName: 'gmail',
    identifier: 'user_123',
  });
  const authUrl = linkResponse.link;
  // Redirect or send authUrl to the user
}
