use valetkey_core::{
    account::State,
    cleanup::{CleanupLimits, CleanupPolicy, CleanupRule},
    id::OrganizationId,
};
use valetkey_store::{
    PageRequest,
    account::{self, Account},
    organization,
};

use crate::support::{World, later, row, row::T0};

const DAY: i64 = 86_400;

/// An account that is in a state since the beginning.
async fn add(world: &World, identifier: &str, state: State, change: impl FnOnce(&mut Account)) -> Account {
    let mut account = row::account(&world.connection, identifier);
    account.state = state;
    change(&mut account);
    let mut tx = world.tx().await;
    assert!(account::insert_if_absent(&mut tx, &account).await.unwrap());
    tx.commit().await.unwrap();
    account
}

#[tokio::test]
async fn the_query_finds_what_the_law_finds_page_by_page() {
    let world = World::new().await;
    let organization = row::organization(&world.environment.id, None);
    let mut tx = world.tx().await;
    organization::insert(&mut tx, &organization).await.unwrap();
    tx.commit().await.unwrap();
    let gone: OrganizationId = row::id(OrganizationId::new);
    for &state in State::ALL {
        let name = state.as_str();
        add(&world, name, state, |_| {}).await;
        add(&world, &format!("{name} used"), state, |row| row.last_used_at = Some(later(20 * DAY))).await;
        add(&world, &format!("{name} changed"), state, |row| row.state_changed_at = later(20 * DAY)).await;
        add(&world, &format!("{name} of nobody"), state, |row| {
            row.organization_id = Some(gone.to_string());
            row.state_changed_at = later(30 * DAY);
            row.last_authorized_at = Some(later(30 * DAY));
        })
        .await;
        add(&world, &format!("{name} of somebody"), state, |row| {
            row.organization_id = Some(organization.id.to_string());
        })
        .await;
        add(&world, &format!("{name} of its own"), state, |row| row.organization_id = Some("acme".into()))
            .await;
    }
    let now = later(30 * DAY);
    let all = CleanupPolicy {
        unused_days: Some(15),
        expired_days: Some(10),
        pending_days: Some(11),
        orphaned: true,
    };
    let mut reader = world.reader().await;
    for policy in [
        all,
        CleanupPolicy { orphaned: true, ..CleanupPolicy::default() },
        CleanupPolicy { unused_days: Some(1), ..CleanupPolicy::default() },
        CleanupPolicy { expired_days: None, unused_days: None, ..all },
    ] {
        let limits = policy.limits(now);
        let (mut found, mut token) = (vec![], None);
        loop {
            let page = PageRequest { size: 4, token };
            let part =
                account::cleanup(&mut reader, &world.environment.id, &limits, None, &page).await.unwrap();
            found.extend(part.items);
            token = part.next;
            if token.is_none() {
                break;
            }
        }
        let mut expected = vec![];
        let filter = account::Filter::default();
        let whole = PageRequest { size: 1000, token: None };
        let rows = account::list(&mut reader, &world.environment.id, &filter, &whole).await.unwrap();
        for row in rows.items {
            let one = account::cleanup_candidate(&mut reader, &world.environment.id, &row.id).await.unwrap();
            expected.extend(one.filter(|one| policy.finds(&one.facts, now).is_some()));
        }
        assert!(!expected.is_empty(), "{policy:?}");
        assert_eq!(found, expected, "{policy:?}");
    }
    let orphaned: CleanupLimits = CleanupPolicy { orphaned: true, ..CleanupPolicy::default() }.limits(now);
    let page = PageRequest { size: 1000, token: None };
    let found = account::cleanup(&mut reader, &world.environment.id, &orphaned, None, &page).await.unwrap();
    assert_eq!(found.items.len(), State::ALL.len(), "only those of the organization that is gone");
    let rule = all.finds(&found.items[0].facts, now);
    assert_eq!(rule, Some((CleanupRule::Orphaned, T0)));
}
