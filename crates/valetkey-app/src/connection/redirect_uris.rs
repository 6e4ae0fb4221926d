//! Callbacks of applications that an authorization may come back to.

use valetkey_core::journal::EventKind;
use valetkey_store::connection;

use super::{ConnectionView, addressed};
use crate::{App, Caller, Error, Result, journal::About, web_address};

/// The most callbacks of a connection.
const MOST: usize = 20;

/// The list without repetitions, where each is an `https` address, or an `http` one on the loopback, without a fragment
/// (RFC 6749 §3.1.2).
pub(super) fn checked(uris: Vec<String>) -> Result<Vec<String>> {
    let mut kept: Vec<String> = Vec::with_capacity(uris.len());
    for uri in uris {
        if !web_address::is_acceptable(&uri) || uri.contains('#') {
            let text = format!("{}, and have no fragment", web_address::RULE);
            return Err(Error::invalid("redirect_uris", "uri", text));
        }
        if !kept.contains(&uri) {
            kept.push(uri);
        }
    }
    if kept.len() > MOST {
        return Err(Error::invalid(
            "redirect_uris",
            "max_items",
            format!("must be at most {MOST} addresses"),
        ));
    }
    Ok(kept)
}

impl App {
    /// Replaces the list of callbacks at which applications may receive authorization codes themselves. They are compared
    /// character by character (RFC 9700 §2.1). An authorization that is under way stays good.
    pub async fn set_redirect_uris(
        &self,
        caller: &Caller,
        id_or_name: &str,
        uris: Vec<String>,
    ) -> Result<ConnectionView> {
        let uris = checked(uris)?;
        let mut tx = self.pool.begin().await?;
        let mut row = addressed(&mut tx, &caller.environment, id_or_name).await?;
        row.allowed_redirect_uris = uris;
        row.updated_at = self.clock.now();
        if !connection::update(&mut tx, &row).await? {
            return Err(Error::conflict("the connection"));
        }
        let about = About { connection: Some(&row.id), ..About::default() };
        let details = serde_json::json!({ "allowed_redirect_uris": row.allowed_redirect_uris });
        self.record(&mut tx, caller, EventKind::ConnectionUpdated, about, &details).await?;
        self.commit_shared(tx).await?;
        self.connection(caller, row.id.as_str()).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    #[test]
    fn only_addresses_that_a_code_may_be_sent_to_are_taken_each_once() {
        let good = ["https://app.example/cb?x=1", "http://localhost:3000/cb", "https://app.example/cb?x=1"];
        let kept = checked(good.map(ToOwned::to_owned).to_vec()).unwrap();
        assert_eq!(kept, good[..2]);
        for bad in
            ["http://app.example/cb", "https://app.example/cb#x", "https://u@app.example/", "app:/cb", ""]
        {
            assert!(checked(vec![bad.to_owned()]).is_err(), "{bad}");
        }
        let many = (0..=MOST).map(|number| format!("https://app.example/{number}"));
        assert!(checked(many.collect()).is_err());
    }
}
