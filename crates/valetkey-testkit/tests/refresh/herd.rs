//! Very many accounts that expire together, and hosts that do not answer.

use std::{net::Ipv4Addr, sync::Arc};

use tokio::task::JoinSet;
use valetkey_core::{Clock, id::AccountId};
use valetkey_store::credential;
use valetkey_testkit::{
    app::{Installation, Node, Outcome, SeededEntropy, TestDatabase},
    provider::{
        GrantTokens, Misbehaviour, Moment, Settings, TEST_CLIENT_ID, TestProvider, TestProviderHandle,
    },
};

use crate::support::{CONNECTION, Commits, LIFETIME, grant};

/// Token requests under way at one host, as it is set where nobody says otherwise.
const CAP: u64 = 16;

/// How many of these accounts have the credential of generation `generation`, and one that still works.
async fn fresh(
    node: &Node,
    accounts: &[AccountId],
    generation: i64,
    now: valetkey_core::Timestamp,
) -> Outcome<usize> {
    let mut reader = node.pool.read().await?;
    let mut count = 0;
    for id in accounts {
        let live = credential::get(&mut reader, &node.environment.id, id).await?.ok_or("no credential")?;
        count += usize::from(live.generation == generation && live.expires_at.is_none_or(|at| now < at));
    }
    Ok(count)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t36_ten_thousand_accounts_that_expire_within_a_minute_are_fresh_in_time_below_the_cap() -> Outcome<()>
{
    const ACCOUNTS: usize = 10_000;
    const STEP: i64 = 10;
    let installation = Installation::on(TestDatabase::without_disk()?).await?;
    let (clock, provider) = (&installation.clock, &installation.provider.provider);
    provider.configure(Settings { latency_milliseconds: 5, records: 0, ..Settings::default() });
    let (one, two) = (installation.node().await?, installation.node().await?);
    one.connection(CONNECTION, "TESTPROVIDER").await?;
    let first_expiry = clock.now().plus_seconds(3600);
    let (mut accounts, mut grants) = (vec![], vec![]);
    for batch in 0..10 {
        if batch > 0 {
            clock.advance(6);
        }
        let users = (0..ACCOUNTS / 10).map(|number| format!("user-{batch}-{number}"));
        let new: Vec<_> = users.map(|user| grant(&installation, &user)).collect();
        accounts.extend(import_all(&one, &new).await?);
        grants.extend(new);
    }

    let mut requests = vec![];
    while clock.now().plus_seconds(STEP) < first_expiry {
        clock.advance(STEP);
        let before = provider.counters().all_token_requests();
        let (one, two) = tokio::join!(one.app.refresh_due(), two.app.refresh_due());
        one?;
        two?;
        requests.push(provider.counters().all_token_requests() - before);
    }
    let counters = provider.counters();
    assert_eq!((counters.all_token_requests(), counters.refreshes_granted), (10_000, 10_000));
    assert!(grants.iter().all(|grant| provider.grant(&grant.grant).is_some_and(|seen| seen.refreshes == 1)));
    let busy = requests.iter().filter(|count| **count > 0).count();
    assert!(busy >= 30 && requests.iter().all(|count| *count < 500), "spread: {requests:?}");
    assert_eq!(counters.most_at_once, CAP, "the cap is reached and kept");

    clock.advance(100);
    assert_eq!(fresh(&two, &accounts, 2, clock.now()).await?, ACCOUNTS, "when the old tokens have run out");
    assert_eq!(one.app.refresh_due().await?.attempts, 0);
    Ok(())
}

/// Imports many grants, several at a time.
async fn import_all(node: &Node, grants: &[GrantTokens]) -> Outcome<Vec<AccountId>> {
    let parts = grants.chunks(grants.len().div_ceil(8)).map(<[_]>::to_vec);
    let imports: JoinSet<_> = parts
        .map(|part| {
            let node = node.clone();
            async move {
                let mut made = vec![];
                for grant in part {
                    made.push(node.import(CONNECTION, &grant).await?.account.id);
                }
                Ok(made)
            }
        })
        .collect();
    let made: valetkey_app::Result<Vec<_>> = imports.join_all().await.into_iter().collect();
    Ok(made?.concat())
}

/// Two hosts with accounts that are due.
struct Hosts {
    installation: Installation,
    other: TestProviderHandle,
    node: Node,
    commits: Arc<Commits>,
    here: Vec<AccountId>,
    there: Vec<AccountId>,
}

impl Hosts {
    async fn start() -> Outcome<Self> {
        let mut installation = Installation::start().await?;
        let other = TestProvider::new(Arc::new(SeededEntropy::new(2)), installation.clock.clone());
        let other = other.spawn((Ipv4Addr::LOCALHOST, 0).into()).await?;
        let connector = format!(
            "extends: testprovider\nslug: other\nprovider_key: OTHER\nauth: {{oauth2: {{token: {{url: {}/token}}}}}}\n",
            other.base_url
        );
        installation.add_connector(&connector)?;
        let commits = Arc::new(Commits::new());
        let node = installation.watched_node(commits.clone()).await?;
        node.connection(CONNECTION, "TESTPROVIDER").await?;
        node.connection("other", "OTHER").await?;
        let (mut here, mut there) = (vec![], vec![]);
        for number in 0..200 {
            let user = format!("user-{number}");
            here.push(node.import(CONNECTION, &grant(&installation, &user)).await?.account.id);
            let grant = other.provider.issue_grant(TEST_CLIENT_ID, &user, &["profile", "read"]);
            there.push(node.import("other", &grant).await?.account.id);
        }
        installation.clock.advance(LIFETIME);
        Ok(Self { installation, other, node, commits, here, there })
    }

    async fn fresh(&self, accounts: &[AccountId]) -> Outcome<usize> {
        fresh(&self.node, accounts, 2, self.installation.clock.now()).await
    }
}

#[tokio::test]
async fn t36_a_host_that_hangs_delays_no_other() -> Outcome<()> {
    let hosts = Hosts::start().await?;
    let mut hanging = hosts.other.provider.hold_token_requests(&[Moment::BeforeIssuing]);
    let mut commits = hosts.commits.follow();
    let app = hosts.node.app.clone();
    let run = tokio::spawn(async move { app.refresh_due().await });
    while hosts.fresh(&hosts.here).await? < hosts.here.len() {
        commits.changed().await?;
    }
    let mut held: Vec<_> = std::iter::from_fn(|| hanging.try_next()).collect();
    while held.len() < CAP.try_into()? {
        held.push(hanging.next().await);
    }
    assert_eq!(hosts.other.provider.counters().most_at_once, CAP);
    assert_eq!((hosts.fresh(&hosts.there).await?, run.is_finished()), (0, false));
    drop((hanging, held));
    assert_eq!(run.await??.refreshed, hosts.here.len() + hosts.there.len());
    Ok(())
}

#[tokio::test]
async fn t36_a_host_that_fails_delays_no_other_and_is_left_alone_for_a_while() -> Outcome<()> {
    let hosts = Hosts::start().await?;
    hosts.other.provider.misbehave(Misbehaviour::TokenServerError { status: 503 });
    hosts.node.app.refresh_due().await?;
    assert_eq!(hosts.fresh(&hosts.here).await?, hosts.here.len());
    let asked = hosts.other.provider.counters().all_token_requests();
    assert!(asked <= CAP, "{asked} requests to a host that is down");
    hosts.other.provider.behave();
    assert_eq!(hosts.node.app.refresh_due().await?.attempts, 0, "it is left alone");
    hosts.installation.clock.advance(900);
    assert_eq!(hosts.node.app.refresh_due().await?.refreshed, hosts.there.len());
    assert_eq!(hosts.fresh(&hosts.there).await?, hosts.there.len());
    Ok(())
}
