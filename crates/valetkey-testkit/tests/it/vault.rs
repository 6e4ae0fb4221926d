//! What the database, the log and the wire give away: nothing.

use std::{
    collections::BTreeSet,
    fmt::{Debug, Display},
    io,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use http::Method;
use serde_json::json;
use valetkey_testkit::app::{Outcome, TestApp};

use crate::{database, tour};

#[tokio::test]
async fn t88_a_stolen_database_holds_no_secret() -> Outcome<()> {
    let app = TestApp::start().await?;
    let mut secrets = tour::walk(&app).await?;
    let while_parked = database::dump(&app)?;
    tour::confirm(&app, &mut secrets).await?;
    let afterwards = database::dump(&app)?;
    for dump in [&while_parked, &afterwards] {
        let text = String::from_utf8_lossy(dump);
        assert!(text.contains("user-parked") && text.contains("user-under-way"), "the dump is complete");
        assert_eq!(tour::found(&secrets, dump), [""; 0]);
    }
    assert!(secrets.len() > 20, "{} secrets were looked for", secrets.len());
    let all =
        secrets.iter().map(|(_, value)| tour::spellings(value)[1].clone()).collect::<Vec<_>>().join("\\x");
    assert_eq!(tour::found(&secrets, all.as_bytes()).len(), secrets.len(), "each would have been found");
    Ok(())
}

/// Everything logged in this process.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// The log of the whole process, down to the last detail.
    pub(crate) fn of_process() -> Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        let log = LOG.get_or_init(|| {
            let log = Self::default();
            let writer = log.clone();
            tracing_subscriber::fmt()
                .with_ansi(false)
                .with_max_level(tracing::Level::TRACE)
                .with_writer(move || writer.clone())
                .init();
            log
        });
        log.clone()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[tokio::test]
async fn t11_the_log_of_every_flow_has_no_code_state_verifier_or_other_secret() -> Outcome<()> {
    let log = Log::of_process();
    let app = TestApp::start().await?;
    let mut secrets = tour::walk(&app).await?;
    tour::confirm(&app, &mut secrets).await?;
    let bytes = log.bytes();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("request{id=req_"), "the log works: {}", &text[..text.len().min(2000)]);
    assert_eq!(tour::found(&secrets, &bytes), [""; 0]);
    Ok(())
}

#[tokio::test]
async fn t83_a_credential_that_was_moved_to_another_account_cannot_be_read() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let mut accounts = vec![];
    for user in ["alice", "bob"] {
        app.connect("test", user, user).await?;
        let account = app.account_with_credential("test", user).await?;
        let id = account["id"].as_str().ok_or("no id")?.to_owned();
        let sealed = format!("SELECT sealed FROM credentials WHERE account_id = '{id}'");
        let sealed = database::blobs(&app, &sealed).await?.pop().ok_or("nothing sealed")?;
        accounts.push((id, sealed, account["authorization_details"].to_string()));
    }
    let swap = "UPDATE credentials SET sealed = $1 WHERE account_id = $2";
    database::overwrite(&app, swap, &accounts[0].1, &accounts[1].0).await?;
    database::overwrite(&app, swap, &accounts[1].1, &accounts[0].0).await?;
    for (id, _, details) in &accounts {
        let answer = app.call(Method::GET, &format!("/api/v1/connected_accounts/auth?id={id}"), None).await?;
        assert_eq!(
            (answer.status.as_u16(), answer.text.contains("INTERNAL")),
            (500, true),
            "{}",
            answer.text
        );
        assert!(!answer.text.contains("token\":") && !details.is_empty(), "{}", answer.text);
        let plain =
            app.call(Method::GET, &format!("/api/v1/connected_accounts/details?id={id}"), None).await?;
        assert_eq!(plain.status, 200, "the rest of the account can still be read");
    }
    for (id, sealed, details) in &accounts {
        database::overwrite(&app, swap, sealed, id).await?;
        let answer = app.call(Method::GET, &format!("/api/v1/connected_accounts/auth?id={id}"), None).await?;
        assert_eq!(answer.json()["connected_account"]["authorization_details"].to_string(), *details);
    }
    Ok(())
}

#[tokio::test]
async fn t83_a_flipped_bit_anywhere_in_a_sealed_value_is_noticed() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    let account = app.connect("test", "user", "alice").await?;
    let id = account["id"].as_str().ok_or("no id")?;
    let sealed = database::blobs(&app, "SELECT sealed FROM credentials").await?.pop().ok_or("nothing")?;
    let places = [0, 1, 4, 5, 28, 29, sealed.len() / 2, sealed.len() - 1];
    for place in places {
        let mut damaged = sealed.clone();
        damaged[place] ^= 1;
        let sql = "UPDATE credentials SET sealed = $1 WHERE account_id = $2";
        database::overwrite(&app, sql, &damaged, id).await?;
        let answer = app.call(Method::GET, &format!("/api/v1/connected_accounts/auth?id={id}"), None).await?;
        assert_eq!(answer.status, 500, "byte {place}: {}", answer.text);
    }
    Ok(())
}

#[tokio::test]
async fn t82_no_two_stored_values_have_the_same_nonce() -> Outcome<()> {
    let app = TestApp::start().await?;
    app.connection("test").await?;
    for number in 0..30 {
        let body = json!({
            "connector": "test", "identifier": format!("user-{number}"),
            "connected_account": { "authorization_details": { "oauth_token": { "access_token": "same" } },
                "api_config": { "domain": "same" } },
        });
        app.call(Method::POST, "/api/v1/connected_accounts", Some(body)).await?;
        app.link("test", &format!("user-{number}")).await?;
    }
    let sql = "SELECT sealed FROM credentials UNION ALL SELECT api_config FROM accounts \
               WHERE api_config IS NOT NULL UNION ALL SELECT details FROM links";
    let sealed = database::blobs(&app, sql).await?;
    // One byte of format, four of key version, then 192 bits of nonce (docs/adr/0003-vault.md).
    let nonces: BTreeSet<_> = sealed.iter().map(|value| value[5..29].to_vec()).collect();
    assert_eq!((sealed.len(), nonces.len()), (90, 90));
    Ok(())
}

/// Does not compile for a type that implements what it must not: then there are two candidates.
trait MustNotImplement<Marker> {
    fn checked() {}
}

impl<T: ?Sized> MustNotImplement<()> for T {}

struct Printable;
impl<T: ?Sized + Display> MustNotImplement<Printable> for T {}

struct Serializable;
impl<T: ?Sized + serde::Serialize> MustNotImplement<Serializable> for T {}

#[test]
fn t86_secret_types_cannot_be_printed_or_serialized() {
    use valetkey_core::{
        Secret,
        credential::{Credential, OauthCredential},
    };
    <Secret as MustNotImplement<_>>::checked();
    <Credential as MustNotImplement<_>>::checked();
    <OauthCredential as MustNotImplement<_>>::checked();
    <valetkey_vault::LocalKey as MustNotImplement<_>>::checked();
    <valetkey_vault::DataKey as MustNotImplement<_>>::checked();
    let grant = OauthCredential {
        access_token: "seeded".into(),
        refresh_token: Some("seeded".into()),
        ..Default::default()
    };
    let shown: [&dyn Debug; 3] =
        [&Secret::from("seeded"), &grant.clone(), &Credential::Static("{\"api_key\":\"seeded\"}".into())];
    for value in shown {
        let text = format!("{value:?} {value:#?}");
        assert!(!text.contains("seeded"), "{text}");
    }
}
