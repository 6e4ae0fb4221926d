//! Tokens are told to nobody but those who may read them: not in a log, an error, an event or another answer.

use std::error::Error;

use http::Method;
use serde_json::{Value, json};
use valetkey_app::{
    account::TokenStatus,
    client::CreateClient,
    connection::{ConnectionConfig, ConnectionSecrets, UpdateConnection},
    permission,
};
use valetkey_testkit::{
    app::{Outcome, approve},
    provider::{Misbehaviour, TEST_CLIENT_ID},
};

use crate::{
    database,
    fresh::world::{World, address},
    tour::{self, Secrets},
    vault::Log,
};

/// What is in a log that works down to its last detail.
const HEARD: &str = "the end of the story";

/// What an operator would not put into a password by hand, but a provider might.
const CLIENT_SECRET: &str = "seeded/client+secret=%41:c";
const IMPORTED: (&str, &str) = ("seeded/access+token=%41:a", "seeded/refresh+token=%41:r");

/// A story in which tokens are on the way, with everything that is said in it.
struct Story {
    world: World,
    secrets: Secrets,
    said: Vec<(String, String)>,
}

impl Story {
    /// A connection that authenticates by Basic, so that its secret is in a header too.
    async fn new() -> Outcome<Self> {
        let world = World::new().await?;
        world.provider.register_client(TEST_CLIENT_ID, Some(CLIENT_SECRET), &[]);
        let change = Box::new(|config: &mut ConnectionConfig, secrets: &mut ConnectionSecrets| {
            config.token_endpoint_auth_method = Some("client_secret_basic".into());
            secrets.client_secret = Some(CLIENT_SECRET.into());
            Ok(())
        });
        world.update_connection(UpdateConnection { name: None, change }).await?;
        let secrets = vec![("client secret", CLIENT_SECRET.into())];
        Ok(Self { world, secrets, said: vec![] })
    }

    fn say(&mut self, label: impl Into<String>, text: impl Into<String>) {
        self.said.push((label.into(), text.into()));
    }

    /// An error with all that a log could make of it.
    fn fail(&mut self, label: &str, error: &(dyn Error + 'static)) {
        let mut cause = Some(error);
        while let Some(current) = cause {
            self.say(label, format!("{current} {current:?} {current:#?}"));
            cause = current.source();
        }
    }

    /// Connects the account again, which works, and takes note of its tokens.
    async fn connect(&mut self) -> Outcome<()> {
        self.world.provider.behave();
        self.world.connect("alice").await?;
        self.note_tokens().await
    }

    async fn note_tokens(&mut self) -> Outcome<()> {
        let (access, refresh) = self.world.tokens("alice").await?;
        for (name, token) in [("access token", access), ("refresh token", refresh)] {
            let known = token.is_empty() || self.secrets.iter().any(|(_, value)| *value == token);
            if !known {
                self.secrets.push((name, token));
            }
        }
        Ok(())
    }

    /// Refreshes by hand, whatever comes of it.
    async fn refresh(&mut self, label: &str) -> Outcome<()> {
        let operator = self.world.app.operator();
        if let Err(error) = self.world.app.app.refresh_account(&operator, &address("alice")).await {
            self.fail(label, &error);
        }
        Ok(())
    }

    /// Looks at the account in every way there is; with `probe` the provider is asked about it too.
    async fn look(&mut self, label: &str, probe: bool) -> Outcome<()> {
        let operator = self.world.app.operator();
        let status: TokenStatus = self.world.status("alice").await?;
        self.say(label, format!("{status:?}"));
        let report = self.world.app.app.diagnose_account(&operator, &address("alice"), probe).await?;
        self.say(label, format!("{report:?}"));
        if let Err(error) = self.world.use_credential("alice", 100_000).await {
            self.fail(label, &error);
        }
        let query = "connector=test&identifier=alice";
        let accounts = "/api/v1/connected_accounts";
        let connection = format!("/api/v1/connections/{}", self.world.connection.id);
        for path in [
            accounts.to_owned(),
            format!("{accounts}/details?{query}"),
            format!("{accounts}:search?query=alice"),
            format!("{accounts}/auth?connector=test&identifier=nobody"),
            connection,
            "/api/v1/connections/app".to_owned(),
        ] {
            let answer = self.world.app.call(Method::GET, &path, None).await?;
            self.say(format!("{label}: {path}"), format!("{:?} {}", answer.headers, answer.text));
        }
        Ok(())
    }

    /// What a client gets that may not read credentials, and asks for them all the same.
    async fn ask_without_permission(&mut self) -> Outcome<()> {
        let client = CreateClient {
            environment: self.world.app.environment.id.clone(),
            name: "reader".into(),
            permissions: permission::default(),
        };
        let made = self.world.app.app.create_client(client).await?;
        let token = self.world.app.app.issue_token(&made.client).await?.access_token;
        let auth = "/api/v1/connected_accounts/auth?connector=test&identifier=alice";
        let answer = self.world.app.call_as(Some(token.expose()), Method::GET, auth, None).await?;
        assert_eq!(answer.status, 200);
        self.say("without permission", answer.text);
        Ok(())
    }

    /// Everything that is stored in clear and shown somewhere: events and notes about outcomes.
    async fn stored(&mut self) -> Outcome<()> {
        self.world.app.app.flush_uses().await?;
        for sql in [
            "SELECT kind || ' ' || actor || ' ' || details FROM events",
            "SELECT last_detail FROM refreshes WHERE last_detail IS NOT NULL",
            "SELECT detail FROM revocations WHERE detail IS NOT NULL",
            "SELECT fault FROM connections WHERE fault IS NOT NULL",
            "SELECT metadata FROM accounts",
        ] {
            for text in self.world.texts(sql).await? {
                self.say(sql, text);
            }
        }
        let dump = String::from_utf8_lossy(&database::dump(&self.world.app)?).into_owned();
        self.say("the database", dump);
        Ok(())
    }
}

/// Texts that begin like an access or refresh token of the test provider, whichever that is.
fn tokens_in(text: &str) -> Vec<&str> {
    let is_token = |rest: &str| {
        let mut numbers = rest.splitn(3, '_');
        let number = |part: Option<&str>| {
            part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        number(numbers.next()) && number(numbers.next()) && numbers.next().is_some_and(|rest| rest.len() > 8)
    };
    let begins = text.match_indices("at_").chain(text.match_indices("rt_"));
    begins
        .map(|(at, _)| &text[at..])
        .filter(|found| is_token(&found[3..]))
        .map(|found| found.split_whitespace().next().unwrap_or_default())
        .collect()
}

/// A refusal that contains `text`.
fn refusing(error: &str, text: String) -> Misbehaviour {
    Misbehaviour::TokenError { status: 400, error: error.into(), description: Some(text) }
}

fn wrong_answers() -> Vec<Misbehaviour> {
    vec![
        Misbehaviour::EchoesSecrets,
        Misbehaviour::TokenServerError { status: 503 },
        Misbehaviour::TokenRateLimited { retry_after: 30 },
        Misbehaviour::TokenHtml200,
        Misbehaviour::TokenOversize,
        Misbehaviour::TokenRedirect,
        Misbehaviour::TokenNested,
        Misbehaviour::TokenDeeplyNested,
        Misbehaviour::TokenRenamed,
        Misbehaviour::TokenBare,
        Misbehaviour::TokenCut,
        Misbehaviour::TokenXml,
        Misbehaviour::TokenFormAsText,
        Misbehaviour::TokenAsCookie,
        Misbehaviour::UnknownTokenType,
        Misbehaviour::DropsAnswer,
        Misbehaviour::DropsMidBody,
        Misbehaviour::InvalidClient,
        Misbehaviour::RevokedByUser,
    ]
}

#[tokio::test]
async fn no_token_is_in_any_log_error_event_or_answer_whatever_the_provider_does() -> Outcome<()> {
    let log = Log::of_process();
    let mut story = Story::new().await?;
    story.connect().await?;
    story.world.run_next().await?;
    story.note_tokens().await?;
    story.look("refreshed", true).await?;
    for wrong in wrong_answers() {
        story.connect().await?;
        story.world.misbehave(wrong.clone());
        story.refresh(&wrong.name()).await?;
        story.look(&wrong.name(), true).await?;
        let link = story.world.app.link("test", "bob").await?;
        let page = approve(&mut story.world.app.browser()?, &link, "bob").await?;
        story.say(format!("{} at the callback", wrong.name()), page.text);
    }
    story.connect().await?;
    story.ask_without_permission().await?;
    story.world.disconnect("alice").await?;
    story.world.app.app.revoke_due().await?;
    story.look("disconnected", true).await?;
    nothing_is_told(story, &log).await
}

#[tokio::test]
async fn t77_a_secret_that_the_provider_repeats_in_any_spelling_is_not_told() -> Outcome<()> {
    let log = Log::of_process();
    let mut story = Story::new().await?;
    let body = json!({ "connector": "test", "identifier": "alice", "connected_account": {
        "authorization_details": { "oauth_token": { "access_token": IMPORTED.0, "refresh_token": IMPORTED.1 } } } });
    let import = async |world: &World| {
        let exists = world.app.account("test", "alice").await? != Value::Null;
        let method = if exists { Method::PUT } else { Method::POST };
        let answer = world.app.call(method, "/api/v1/connected_accounts", Some(body.clone())).await?;
        if answer.status == 200 { Outcome::Ok(()) } else { Err(answer.text.into()) }
    };
    story.secrets.extend([
        ("imported access token", IMPORTED.0.into()),
        ("imported refresh token", IMPORTED.1.into()),
    ]);
    import(&story.world).await?;
    for secret in [IMPORTED.0, IMPORTED.1, CLIENT_SECRET] {
        for spelling in tour::spellings(secret) {
            for error in ["invalid_grant", "invalid_client", "something_else"] {
                import(&story.world).await?;
                story.world.provider.behave();
                story.world.misbehave(refusing(error, format!("Not accepted: {spelling} (see the manual)")));
                story.refresh(error).await?;
                // No provider could repeat tokens to a probe, which has none of the account.
                story.look(error, secret == CLIENT_SECRET).await?;
            }
        }
    }
    let notes = story.world.texts("SELECT last_detail FROM refreshes").await?;
    assert!(
        notes.iter().all(|note| note.contains("Not accepted")),
        "the rest of what it says is kept: {notes:?}"
    );
    nothing_is_told(story, &log).await
}

async fn nothing_is_told(mut story: Story, log: &Log) -> Outcome<()> {
    story.stored().await?;
    tracing::trace!(HEARD);
    let logged = String::from_utf8_lossy(&log.bytes()).into_owned();
    assert!(logged.contains(HEARD) && logged.contains("valetkey_app"), "the log works");
    story.say("the log", logged);
    let all = story.said.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n");
    if !tour::found(&story.secrets, all.as_bytes()).is_empty() || !tokens_in(&all).is_empty() {
        for (label, text) in &story.said {
            assert_eq!(tour::found(&story.secrets, text.as_bytes()), [""; 0], "{label}");
            assert_eq!(tokens_in(text), [""; 0], "{label}");
        }
    }
    assert!(story.said.len() > 50 && story.secrets.len() >= 3, "{} texts", story.said.len());
    for (name, value) in &story.secrets {
        for spelling in tour::spellings(value) {
            let hidden = format!("x{spelling}x");
            assert!(
                tour::found(&story.secrets, hidden.as_bytes()).contains(name),
                "{spelling} would be found"
            );
        }
    }
    assert_eq!(tokens_in("was at_12_7_QmFzZTY0LXRleHQ here"), ["at_12_7_QmFzZTY0LXRleHQ"]);
    Ok(())
}
