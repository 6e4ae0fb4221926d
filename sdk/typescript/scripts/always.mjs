// Fields of answers that hold a message and are always set. The document says of no field whether an answer may lack it;
// the declarations tell it of all but messages. tests/clients/typescript/promises.test.ts compares with a server.
export const always = {
  Account: ['created_at', 'metadata', 'settings', 'status_changed_at', 'updated_at'],
  AccountHealth: ['api', 'authentication', 'forecast', 'status', 'token', 'window_end', 'window_start'],
  AccountStatus: ['status_changed_at'],
  ApiToken: ['created_at', 'expires_at'],
  AuthUrl: ['expires_at'],
  BulkOperation: ['created_at'],
  CleanupCandidate: ['account', 'since'],
  Connection: ['created_at', 'updated_at'],
  CreateApiTokenResponse: ['api_token'],
  Event: ['created_at', 'details'],
  ExchangeCodeResponse: ['account'],
  Link: ['created_at', 'expires_at'],
  Metadata: ['metadata'],
  SettingsAnswer: ['settings'],
};
