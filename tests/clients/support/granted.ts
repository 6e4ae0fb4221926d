/** Accounts that are ready to be used, made without a browser. */
import { newIdentifier, type Actions } from './clients.ts';
import { callsOf, openGrant, type Call } from './operator.ts';

const SCOPES = ['profile', 'read'];

/** An active account of the connection `test`. Its user has granted what is asked for by default: not `write`. */
export interface Granted {
  id: string;
  identifier: string;
  grant: string;
  token: string;
  /** What the API of the provider was asked for with a token of this account. */
  calls(): Promise<Call[]>;
}

/** A user that no other test has, with such an account. */
export async function granted(actions: Actions): Promise<Granted> {
  const identifier = newIdentifier();
  const { grant, access_token: accessToken, refresh_token: refreshToken } = await openGrant(identifier, SCOPES);
  const value = { accessToken, refreshToken, scopes: SCOPES };
  const made = await actions.createConnectedAccount({
    connectionName: 'test', identifier, authorizationDetails: { details: { case: 'oauthToken', value } } as never,
  });
  return { id: made.connectedAccount!.id, identifier, grant, token: accessToken, calls: () => callsOf(grant) };
}
