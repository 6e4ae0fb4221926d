/** Clients of the running server, made of what `with_server.py` put into the environment. */
import { randomBytes } from 'node:crypto';

import { ScalekitClient } from '@scalekit-sdk/node';

export type Actions = ScalekitClient['actions'];

/** A variable that must be there. */
export function variable(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set; start these tests with tests/clients/run`);
  }
  return value;
}

/** The SDK with the credentials of one API client: of the main one, or of those with another prefix. */
export function sdk(prefix = 'SCALEKIT_', url = variable(`${prefix}ENVIRONMENT_URL`)): ScalekitClient {
  return new ScalekitClient(url, variable(`${prefix}CLIENT_ID`), variable(`${prefix}CLIENT_SECRET`));
}

/** The addresses under which the main server is reached. */
export const SERVER_URL = variable('SCALEKIT_ENVIRONMENT_URL');
export const PLAIN_URL = variable('VALETKEY_PLAIN_URL');
export const PROVIDER_URL = variable('VALETKEY_TEST_PROVIDER_URL');
export const BRIEF_URL = variable('VALETKEY_TEST_BRIEF_ENVIRONMENT_URL');

export const VERIFIED = 'VALETKEY_TEST_VERIFIED_';
export const BRIEF = 'VALETKEY_TEST_BRIEF_';

/** An identifier that no other test uses. */
export function newIdentifier(): string {
  return `user-${randomBytes(8).toString('hex')}`;
}
