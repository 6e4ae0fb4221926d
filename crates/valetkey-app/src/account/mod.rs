//! Connected accounts.

mod address;
mod api_config;
mod create;
mod credential_input;
mod delete;
mod details;
mod disconnect;
mod list;
mod metadata;
mod new;
mod query;
mod read;
mod refresh;
mod settings;
mod test_tokens;
mod transition;
mod update;
mod view;

pub use address::AccountAddress;
pub use create::CreateAccount;
pub(crate) use credential_input::from_form;
pub use credential_input::{CredentialInput, OauthInput};
pub use details::AccountDetails;
pub use list::{ListAccounts, SearchAccounts};
pub use metadata::MetadataChange;
pub(crate) use metadata::check_metadata;
pub use new::NewAccount;
pub(crate) use new::already_exists;
pub use query::QueryAccounts;
pub use refresh::TokenStatus;
pub use settings::SettingsChange;
pub(crate) use settings::{PreparedSettings, check_settings};
pub(crate) use test_tokens::check_for_tests;
pub use transition::Change;
pub(crate) use transition::{Granted, SealedGrant};
pub use update::UpdateAccount;
pub use valetkey_store::account::Account;
pub use view::AccountView;
pub(crate) use view::credential_context;

/// How often a change is tried where somebody else changes the same account at the same time, such as a refresh that
/// stores new tokens.
pub(crate) const TRIES: usize = 5;

/// Tries a change of an account as often as that.
async fn undisturbed<T, F>(change: impl Fn() -> F) -> crate::Result<T>
where
    F: Future<Output = crate::Result<T>>,
{
    for _ in 1..TRIES {
        match change().await {
            Err(error) if error.is_conflict() => {}
            ended => return ended,
        }
    }
    change().await
}
