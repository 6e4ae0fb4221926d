//! Connected accounts.

mod address;
mod api_config;
mod create;
mod credential_input;
mod delete;
mod disconnect;
mod list;
mod read;
mod refresh;
mod settings;
mod transition;
mod update;
mod view;

pub use address::AccountAddress;
pub use create::CreateAccount;
pub(crate) use credential_input::from_form;
pub use credential_input::{CredentialInput, OauthInput};
pub use list::{ListAccounts, SearchAccounts};
pub use refresh::TokenStatus;
pub use transition::Change;
pub(crate) use transition::{Granted, SealedGrant};
pub use update::UpdateAccount;
pub use valetkey_store::account::Account;
pub use view::AccountView;
pub(crate) use view::credential_context;
