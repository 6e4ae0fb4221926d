//! What the tests share.

mod commits;
mod dice;
mod stored;

use valetkey_app::account::AccountAddress;
use valetkey_core::{credential::OauthCredential, id::AccountId};
use valetkey_testkit::{
    app::{Installation, Node, Outcome},
    provider::{GrantTokens, TEST_CLIENT_ID},
};

pub(crate) use commits::Commits;
pub(crate) use dice::{Dice, setting};
pub(crate) use stored::Stored;

/// The name of the connection to the test provider.
pub(crate) const CONNECTION: &str = "test";

/// A connector whose provider takes a refresh token a second time for a while after it was spent.
pub(crate) const TOLERANT: &str = "
extends: testprovider
slug: tolerant
provider_key: TOLERANT
auth: {oauth2: {refresh: {repeat_tolerated: true}}}
";

/// More seconds than an access token of the test provider works.
pub(crate) const LIFETIME: i64 = 3601;

/// The address of an account.
pub(crate) fn address(id: &AccountId) -> AccountAddress {
    AccountAddress { id: Some(id.to_string()), ..AccountAddress::default() }
}

/// A credential that works, for `purpose` "test".
pub(crate) async fn use_credential(node: &Node, id: &AccountId) -> valetkey_app::Result<OauthCredential> {
    let wanted = valetkey_app::credential::Wanted { min_ttl: 0, purpose: "test" };
    let usable = node.app.usable_credential(&node.operator(), &address(id), wanted).await?;
    match usable.credential.clone() {
        Some(valetkey_core::credential::Credential::Oauth2(credential)) => Ok(credential),
        other => panic!("the account has {other:?}"),
    }
}

/// A new grant of `user` at the provider.
pub(crate) fn grant(installation: &Installation, user: &str) -> GrantTokens {
    installation.provider.provider.issue_grant(TEST_CLIENT_ID, user, &["profile", "read"])
}

/// An account of the connection [`CONNECTION`] with a new grant of `user`.
pub(crate) async fn imported(
    installation: &Installation,
    node: &Node,
    user: &str,
) -> Outcome<(AccountId, GrantTokens)> {
    let grant = grant(installation, user);
    let account = node.import(CONNECTION, &grant).await?.account.id;
    Ok((account, grant))
}

/// An account whose access token has just run out. It was refreshed once, so that its expiry is known.
pub(crate) async fn expired(installation: &Installation, node: &Node) -> Outcome<(AccountId, GrantTokens)> {
    let (id, grant) = imported(installation, node, "user").await?;
    node.app.refresh_account(&node.operator(), &address(&id)).await?;
    installation.clock.advance(LIFETIME);
    Ok((id, grant))
}

/// How many refreshes the provider was asked for.
pub(crate) fn refreshes_asked(installation: &Installation) -> u64 {
    let counters = installation.provider.provider.counters();
    counters.token_requests.get("refresh_token").copied().unwrap_or_default()
}
