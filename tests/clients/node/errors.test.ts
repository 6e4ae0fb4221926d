/** Each kind of error that this server gives, as an application sees it through the SDK. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  ScalekitBadRequestException,
  ScalekitConflictException,
  ScalekitNotFoundException,
  ScalekitNotImplementedException,
  ScalekitServerException,
  ScalekitUnauthorizedException,
} from '@scalekit-sdk/node';

import { newIdentifier, PLAIN_URL, sdk, SERVER_URL, variable, VERIFIED } from '../support/clients.ts';
import { refused, violations } from '../support/refusals.ts';

for (const [transport, url] of [['TLS', SERVER_URL], ['plain HTTP', PLAIN_URL]]) {
  const { actions, connectedAccounts, directory } = sdk('SCALEKIT_', url);

  test(`over ${transport} a broken rule is a bad request that names the field`, async () => {
    const large = await refused(ScalekitBadRequestException, actions.listConnectedAccounts({ pageSize: 100 }));
    assert.deepEqual(summary(large), { http: 400, code: 'INVALID_ARGUMENT' });
    assert.deepEqual(violations(large), [['page_size', 'uint32.lt']]);
    assert.match(large.message, /^\[invalid_argument\] /);

    const link = actions.getAuthorizationLink({
      connectionName: 'gm/ail', identifier: 'x'.repeat(101), userVerifyUrl: 'javascript:alert(1)',
    });
    assert.deepEqual(violations(await refused(ScalekitBadRequestException, link)).sort(), [
      ['connector', 'string.pattern'],
      ['identifier', 'string.max_len'],
      ['user_verify_url', 'string.pattern'],
    ]);
    const both = actions.listConnectedAccounts({ connectionName: 'gmail', connectionNames: ['test'] });
    assert.equal(violations(await refused(ScalekitBadRequestException, both)).length, 1);
  });

  test(`over ${transport} a wrong connection name is not found and the right one is suggested`, async () => {
    const link = actions.getAuthorizationLink({ connectionName: 'gmial', identifier: 'user' });
    const error = await refused(ScalekitNotFoundException, link);
    assert.deepEqual(summary(error), { http: 404, code: 'RESOURCE_NOT_FOUND' });
    assert.match(error.message, /"gmial".*did you mean "gmail"\?/);
  });

  test(`over ${transport} what does not exist is not found`, async () => {
    const unknown = { connectedAccountId: 'ca_00000000000000000000000000' };
    const nobody = { connectionName: 'gmail', identifier: newIdentifier() };
    for (const call of [
      () => actions.getConnectedAccount(nobody),
      () => actions.getConnectedAccount(unknown),
      () => actions.deleteConnectedAccount(nobody),
      () => actions.deleteConnectedAccount(unknown),
      () => actions.updateConnectedAccount({ ...unknown, apiConfig: { version: 'v1' } }),
    ]) {
      assert.deepEqual(summary(await refused(ScalekitNotFoundException, call())), { http: 404, code: 'RESOURCE_NOT_FOUND' });
    }
    const verify = actions.verifyConnectedAccountUser({ authRequestId: 'bm90aGluZw', identifier: 'user' });
    assert.match((await refused(ScalekitNotFoundException, verify)).message, /auth request not found or no longer valid/);
  });

  test(`over ${transport} a second account for the same user is a conflict`, async () => {
    const account = { connector: 'gmail', identifier: newIdentifier(), connectedAccount: {} as never };
    await connectedAccounts.createConnectedAccount(account);
    const error = await refused(ScalekitConflictException, connectedAccounts.createConnectedAccount(account));
    assert.deepEqual(summary(error), { http: 409, code: 'RESOURCE_ALREADY_EXISTS' });
  });

  test(`over ${transport} a call that is not built says so`, async () => {
    const error = await refused(ScalekitNotImplementedException, directory.listDirectories('org_1'));
    assert.deepEqual(summary(error), { http: 501, code: 'NOT_IMPLEMENTED' });
  });

  test(`over ${transport} a wrong secret shows as what the token endpoint answered`, async () => {
    const wrong = sdkWith(url, 'wrong');
    await assert.rejects(wrong.actions.listConnectedAccounts(), (error: any) => {
      assert.equal(error.response?.status, 401);
      assert.equal(error.response.data.error, 'invalid_client');
      return true;
    });
    await refused(ScalekitUnauthorizedException, wrong.getClientAccessToken());
  });
}

test('a link without a place to verify the user is a bad request that says what is missing', async () => {
  const link = sdk(VERIFIED).actions.getAuthorizationLink({ connectionName: 'test', identifier: newIdentifier() });
  const error = await refused(ScalekitBadRequestException, link);
  assert.deepEqual(summary(error), { http: 400, code: 'USER_VERIFY_URL_REQUIRED' });
  assert.match(error.message, /user_verify_url/);
});

function sdkWith(url: string, secret: string) {
  const { SCALEKIT_CLIENT_SECRET: kept } = process.env;
  process.env.SCALEKIT_CLIENT_SECRET = secret;
  try {
    return sdk('SCALEKIT_', url);
  } finally {
    process.env.SCALEKIT_CLIENT_SECRET = kept ?? variable('SCALEKIT_CLIENT_SECRET');
  }
}

function summary(error: ScalekitServerException) {
  const details = error.unpackedDetails;
  assert.equal(details.length, 1);
  assert.ok(details[0].requestInfo?.requestId);
  return { http: error.httpStatus, code: error.errorCode };
}
