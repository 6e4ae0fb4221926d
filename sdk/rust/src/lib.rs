//! A client of the accounts API of Valetkey: connected accounts of the users of AI agents.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use valetkey_client::{Client, messages::CreateAccountRequest};
//!
//! let client = Client::builder("https://valetkey.example.com").api_token("vkt_…").build()?;
//! let account = client
//!     .accounts()
//!     .create(CreateAccountRequest {
//!         connection_name: Some("gmail".into()),
//!         identifier: "user_123".into(),
//!         ..CreateAccountRequest::default()
//!     })
//!     .await?;
//! println!("{} is {}", account.id, account.status);
//! # Ok(())
//! # }
//! ```
//!
//! Calls go over gRPC. The messages are those of `proto/valetkey/v1`, which document their fields. What changes something
//! carries an idempotency key; a call that did not reach the server, or met a busy one, is repeated with the same key.

mod accounts;
mod bulk;
mod call;
mod client;
mod connections;
mod error;
mod events;
mod links;
mod retry;
mod tls;
mod token;
mod tokens;
mod transport;

pub use accounts::Accounts;
pub use bulk::{BulkOperations, BulkResults};
pub use client::{Builder, Client};
pub use connections::Connections;
pub use error::{BuildError, Error};
pub use events::{Cleanup, Events};
pub use links::Links;
pub use tokens::Tokens;
/// The messages of the API.
pub use valetkey_proto::valetkey::v1 as messages;
