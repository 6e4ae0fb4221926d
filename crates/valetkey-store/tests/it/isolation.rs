//! Tenants: under environment A nothing of environment B is seen or changed, whatever is named.

use valetkey_core::{
    account::State,
    cleanup::CleanupLimits,
    id::{EnvironmentId, EventId},
    journal::EventKind,
    link::FlowOutcome,
};
use valetkey_store::{
    Conn, PageRequest, account, client, connection, credential, custom_connector, environment, event, flow,
    link, organization, tool_call, verification,
};

use crate::support::{World, later, row, row::T0};

/// Everything that belongs to an environment.
struct Tenant {
    client: client::Client,
    organization: organization::Organization,
    custom_connector: custom_connector::CustomConnector,
    connection: connection::Connection,
    account: account::Account,
    credential: credential::Credential,
    link: link::Link,
    flow: flow::Flow,
    verification: verification::Verification,
    event: event::Event,
    call: tool_call::ToolCall,
}

impl Tenant {
    async fn new(world: &World) -> Self {
        let environment = row::environment("stranger");
        let id = &environment.id;
        let connection = row::connection(id, "Secret mail", "SECRET:1");
        let organization = row::organization(id, Some("ext"));
        let mut account = row::account(&connection, "victim");
        (account.organization_id, account.user_id) = (Some(organization.id.to_string()), Some("u".into()));
        account.state = State::Active;
        account.application_metadata = r#"{"secret":"b"}"#.into();
        let link = row::link(&account);
        let tenant = Self {
            client: row::client(id),
            custom_connector: row::custom_connector(id, "SECRET:1"),
            credential: row::credential(&account, 1),
            flow: row::flow(&link, &account),
            verification: row::verification(&link),
            event: row::event(&account, EventKind::TokenRefreshed),
            call: row::tool_call(&account, later(1)),
            organization,
            connection,
            account,
            link,
        };
        let mut tx = world.tx().await;
        environment::insert(&mut tx, &environment).await.unwrap();
        client::insert(&mut tx, &tenant.client).await.unwrap();
        client::add_secret(&mut tx, id, &row::secret(&tenant.client.id)).await.unwrap();
        organization::insert(&mut tx, &tenant.organization).await.unwrap();
        custom_connector::insert(&mut tx, &tenant.custom_connector).await.unwrap();
        connection::insert(&mut tx, &tenant.connection).await.unwrap();
        assert!(account::insert_if_absent(&mut tx, &tenant.account).await.unwrap());
        assert!(credential::put(&mut tx, id, &tenant.credential, None).await.unwrap());
        link::insert(&mut tx, &tenant.link).await.unwrap();
        flow::insert(&mut tx, &tenant.flow).await.unwrap();
        verification::insert(&mut tx, &tenant.verification).await.unwrap();
        event::append(&mut tx, &tenant.event).await.unwrap();
        tool_call::append(&mut tx, &[&tenant.call]).await.unwrap();
        tx.commit().await.unwrap();
        tenant
    }

    /// What can be read of the tenant under an environment: a line for each row.
    async fn seen(&self, conn: &mut Conn, environment: &EnvironmentId) -> Vec<String> {
        let page = PageRequest { size: 100, token: None };
        let summed = tool_call::Filter { from: Some(T0), until: Some(later(900)), ..Default::default() };
        let mut seen = vec![];
        macro_rules! see {
            ($($answer:expr;)*) => {$( seen.extend($answer.await.unwrap().into_iter().map(|row| format!("{row:?}"))); )*};
        }
        see! {
            client::get(conn, environment, &self.client.id);
            client::list(conn, environment);
            organization::get(conn, environment, &self.organization.id);
            organization::by_external_id(conn, environment, "ext");
            custom_connector::get(conn, environment, "SECRET:1");
            custom_connector::list(conn, environment);
            connection::get(conn, environment, &self.connection.id);
            connection::by_name(conn, environment, "secret mail");
            connection::names(conn, environment);
            account::get(conn, environment, &self.account.id);
            account::find(conn, environment, "secret mail", "victim", None, None, 9);
            credential::get(conn, environment, &self.account.id);
            link::get(conn, environment, &self.link.id);
            link::list(conn, environment, &self.account.id);
            flow::get(conn, environment, &self.flow.id);
            flow::list(conn, environment, &self.account.id);
            verification::get(conn, environment, &self.verification.id);
            verification::by_token_hash(conn, environment, &self.verification.token_hash);
            tool_call::get(conn, environment, &self.call.id);
            tool_call::groups(conn, environment, &tool_call::Filter::default(), T0, 60_000);
            tool_call::groups(conn, environment, &summed, T0, 300_000);
            tool_call::days(conn, environment, &self.account.id, 0, i64::MAX);
            tool_call::tools(conn, environment, &self.account.id, (0, i64::MAX), 10);
            account::cleanup_candidate(conn, environment, &self.account.id);
            event::counts(conn, environment, &self.account.id, T0);
            event::last_ended(conn, environment, &self.account.id, EventKind::TokenRefreshed);
        }
        macro_rules! see_page {
            ($($answer:expr;)*) => {$(
                let page = $answer.await.unwrap();
                assert_eq!(page.total, i64::try_from(page.items.len()).unwrap());
                seen.extend(page.items.into_iter().map(|row| format!("{row:?}")));
            )*};
        }
        let filter = connection::Filter { connector: Some("SECRET:1".into()), query: None };
        see_page! {
            organization::list(conn, environment, &page);
            connection::list(conn, environment, &filter, &page);
            account::search(conn, environment, "vic", None, &page);
            account::search(conn, environment, "vic", Some(&self.connection.id), &page);
            event::list(conn, environment, &self.account.id, &page);
        }
        let limits = CleanupLimits { unused: Some(later(900)), expired: None, pending: None, disabled: None };
        let unused = account::cleanup(conn, environment, &limits, None, &page).await.unwrap();
        seen.extend(unused.items.into_iter().map(|row| format!("{row:?}")));
        let (all, before) = (event::Filter::default(), EventId::first_at(later(i64::MAX)));
        let journal = event::journal(conn, environment, &all, None, &before, 100).await.unwrap();
        seen.extend(journal.items.into_iter().map(|row| format!("{row:?}")));
        for filter in self.call_filters() {
            see_page! { tool_call::list(conn, environment, &filter, &page); }
        }
        for filter in self.filters() {
            see_page! { account::list(conn, environment, &filter, &page); }
        }
        for count in [
            custom_connector::connections_using(conn, environment, "SECRET:1").await,
            connection::accounts_of(conn, environment, &self.connection.id).await,
            connection::count(conn, environment, &filter).await,
            organization::count(conn, environment).await,
        ] {
            seen.extend((count.unwrap() > 0).then(|| "counted".to_owned()));
        }
        seen
    }

    fn call_filters(&self) -> Vec<tool_call::Filter> {
        let base = tool_call::Filter::default();
        vec![
            base.clone(),
            tool_call::Filter { account_id: Some(self.account.id.clone()), ..base.clone() },
            tool_call::Filter { identifier: Some("victim".into()), ..base.clone() },
            tool_call::Filter { connection_id: Some(self.connection.id.clone()), ..base },
        ]
    }

    fn filters(&self) -> Vec<account::Filter> {
        let base = account::Filter::default();
        vec![
            account::Filter { connection_ids: vec![self.connection.id.clone()], ..base.clone() },
            account::Filter { connector: Some("SECRET:1".into()), ..base.clone() },
            account::Filter { identifier: Some("victim".into()), ..base.clone() },
            account::Filter { organization_id: Some(self.organization.id.to_string()), ..base.clone() },
            account::Filter { user_id: Some("u".into()), ..base.clone() },
            account::Filter { shown: Some(row::shown(State::Active)), ..base.clone() },
            account::Filter { metadata: vec!["secret=b".into()], ..base },
        ]
    }
}

#[tokio::test]
async fn t52_nothing_of_another_environment_can_be_seen() {
    let world = World::new().await;
    let tenant = Tenant::new(&world).await;
    let mut reader = world.reader().await;
    let own = tenant.seen(&mut reader, &tenant.account.environment_id).await;
    assert_eq!(own.len(), 47, "the list of queries sees every row under its own environment: {own:#?}");
    let other = tenant.seen(&mut reader, &world.environment.id).await;
    // The other environment has one connection of its own, whose name is seen.
    assert_eq!(other, ["\"Gmail\""]);
}

#[tokio::test]
async fn t53_nothing_of_another_environment_can_be_changed() {
    let world = World::new().await;
    let mut tenant = Tenant::new(&world).await;
    let (own, mine) = (tenant.account.environment_id.clone(), world.environment.id.clone());
    let before = tenant.seen(&mut *world.reader().await, &own).await;

    // The rows as a forger would send them: everything right but the environment.
    tenant.organization.environment_id = mine.clone();
    tenant.custom_connector.environment_id = mine.clone();
    tenant.connection.environment_id = mine.clone();
    tenant.account.environment_id = mine.clone();
    let mut tx = world.tx().await;
    let (tx, now) = (&mut tx, later(1));
    macro_rules! refused {
        ($($call:expr;)*) => {$( assert!(!$call.await.unwrap(), stringify!($call)); )*};
    }
    refused! {
        client::revoke(tx, &mine, &tenant.client.id, now);
        client::touch(tx, &mine, &tenant.client.id, now);
        organization::update(tx, &tenant.organization);
        custom_connector::update(tx, &tenant.custom_connector);
        custom_connector::delete(tx, &mine, "SECRET:1");
        connection::update(tx, &tenant.connection);
        connection::delete(tx, &mine, &tenant.connection.id);
        account::update_state(tx, &tenant.account);
        account::update_settings(tx, &tenant.account);
        account::touch(tx, &mine, &tenant.account.id, now);
        account::delete(tx, &mine, &tenant.account.id);
        credential::put(tx, &mine, &tenant.credential, Some(1));
        credential::delete(tx, &mine, &tenant.account.id);
        link::mark_opened(tx, &mine, &tenant.link.id, now);
        link::mark_used(tx, &mine, &tenant.link.id, now);
        link::revoke(tx, &mine, &tenant.link.id, now);
        flow::claim(tx, &mine, &tenant.flow.id, now);
        flow::end(tx, &mine, &tenant.flow.id, FlowOutcome::Completed, None, now);
        verification::close(tx, &mine, &tenant.verification.id, "passed", now);
    }
    assert_eq!(client::expire_secrets(tx, &mine, &tenant.client.id, None, now).await.unwrap(), 0);
    assert_eq!(organization::delete(tx, &mine, &tenant.organization.id).await.unwrap(), []);
    assert_eq!(link::revoke_all(tx, &mine, &tenant.account.id, now).await.unwrap(), 0);
    assert_eq!(verification::close_all(tx, &mine, &tenant.account.id, now).await.unwrap(), 0);
    assert_eq!(tool_call::delete_sums_before(tx, &mine, later(1_000_000)).await.unwrap(), 0);
    assert_eq!(tool_call::delete_before(tx, &mine, later(1_000_000), 9).await.unwrap(), 0);
    assert_eq!(tenant.seen(tx, &own).await, before);
    let ends = client::secrets(tx, &tenant.client.id).await.unwrap();
    assert!(ends.iter().all(|secret| secret.expires_at.is_none()));
}

#[tokio::test]
async fn no_row_can_refer_to_one_of_another_environment() {
    let world = World::new().await;
    let tenant = Tenant::new(&world).await;
    let mine = world.environment.id.clone();
    macro_rules! dangling {
        ($tx:ident => $($call:expr;)*) => {$({
            let mut $tx = world.tx().await;
            let refused = $call.await.unwrap_err();
            assert!(matches!(refused, valetkey_store::StoreError::Reference { .. }), "{refused:?}");
        })*};
    }
    let mut account = row::account(&tenant.connection, "intruder");
    account.environment_id = mine.clone();
    let mut link = row::link(&tenant.account);
    link.environment_id = mine.clone();
    let mut flow = row::flow(&tenant.link, &tenant.account);
    flow.environment_id = mine.clone();
    let mut verification = row::verification(&tenant.link);
    verification.environment_id = mine.clone();
    dangling! { tx =>
        account::insert_if_absent(&mut tx, &account);
        credential::put(&mut tx, &mine, &tenant.credential, None);
        link::insert(&mut tx, &link);
        flow::insert(&mut tx, &flow);
        verification::insert(&mut tx, &verification);
    }
}
