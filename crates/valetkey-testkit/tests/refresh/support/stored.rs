//! What is stored of an account.

use serde_json::Value;
use valetkey_core::{id::AccountId, journal::EventKind};
use valetkey_store::{
    PageRequest,
    account::{self, Account},
    credential::{self, Credential},
    event,
    refresh::{self, Refresh},
};
use valetkey_testkit::app::{Node, Outcome};

/// What is stored of an account, read from the database and from no memory of a node.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Stored {
    pub(crate) account: Account,
    pub(crate) credential: Option<Credential>,
    pub(crate) refresh: Option<Refresh>,
    /// Kind and details of what the journal says, newest first.
    pub(crate) journal: Vec<(EventKind, Value)>,
}

impl Stored {
    /// Reads it through the connections of `node`.
    pub(crate) async fn of(node: &Node, id: &AccountId) -> Outcome<Self> {
        let environment = &node.environment.id;
        let mut reader = node.pool.read().await?;
        let account = account::get(&mut reader, environment, id).await?.ok_or("the account is gone")?;
        let credential = credential::get(&mut reader, environment, id).await?;
        let refresh = refresh::get(&mut reader, environment, id).await?;
        let (mut events, mut token) = (Vec::new(), None);
        loop {
            let page = event::list(&mut reader, environment, id, &PageRequest { size: 1000, token }).await?;
            events.extend(page.items);
            token = page.next;
            if token.is_none() {
                break;
            }
        }
        let journal = events
            .into_iter()
            .map(|event| Ok((event.kind, serde_json::from_str(&event.details)?)))
            .collect::<Outcome<_>>()?;
        Ok(Self { account, credential, refresh, journal })
    }

    /// How many events of a kind the journal has.
    pub(crate) fn count(&self, kind: EventKind) -> usize {
        self.journal.iter().filter(|(known, _)| *known == kind).count()
    }

    /// The generation of the credential; 0 without one.
    pub(crate) fn generation(&self) -> i64 {
        self.credential.as_ref().map_or(0, |credential| credential.generation)
    }
}
