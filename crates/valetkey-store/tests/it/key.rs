//! Data keys and signing keys.

use valetkey_core::id::SigningKeyId;
use valetkey_store::{data_key, signing_key};

use crate::support::{Database, T0, later, row, sealed};

fn data_key(environment: &str, version: i64, wrapped: &[u8]) -> data_key::DataKey {
    data_key::DataKey {
        environment: environment.into(),
        version,
        kek_id: "kek-1".into(),
        wrapped: wrapped.into(),
        created_at: T0,
    }
}

#[tokio::test]
async fn the_first_data_key_of_a_version_wins_and_the_next_maker_gets_it() {
    let db = Database::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    let first = data_key("system", 1, b"first");
    assert_eq!(data_key::insert_if_absent(&mut tx, &first).await.unwrap(), first);
    let second = data_key("system", 1, b"second");
    assert_eq!(data_key::insert_if_absent(&mut tx, &second).await.unwrap(), first);
}

#[tokio::test]
async fn data_keys_made_at_the_same_time_by_two_replicas_are_one() {
    let db = Database::new().await;
    let mut all = tokio::task::JoinSet::new();
    for number in 0..4_u8 {
        let pool = db.pool.clone();
        all.spawn(async move {
            let mut tx = pool.begin().await.unwrap();
            let winner = data_key::insert_if_absent(&mut tx, &data_key("env", 1, &[number])).await.unwrap();
            tx.commit().await.unwrap();
            winner
        });
    }
    let winners = all.join_all().await;
    assert!(winners.iter().all(|winner| *winner == winners[0]), "{winners:?}");
}

#[tokio::test]
async fn a_data_key_is_found_by_owner_and_version_and_the_latest_by_owner() {
    let db = Database::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    for version in [1, 10, 2] {
        data_key::insert_if_absent(&mut tx, &data_key("a", version, b"a")).await.unwrap();
    }
    data_key::insert_if_absent(&mut tx, &data_key("b", 11, b"b")).await.unwrap();
    assert_eq!(data_key::get(&mut tx, "a", 2).await.unwrap().unwrap().version, 2);
    assert_eq!(data_key::get(&mut tx, "a", 11).await.unwrap(), None);
    assert_eq!(data_key::latest(&mut tx, "a").await.unwrap().unwrap().version, 10);
    assert_eq!(data_key::latest(&mut tx, "c").await.unwrap(), None);
}

#[tokio::test]
async fn signing_keys_are_listed_oldest_first() {
    let db = Database::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    let key = |retired_at| signing_key::SigningKey {
        id: row::id(SigningKeyId::new),
        public_jwk: r#"{"kty":"RSA"}"#.into(),
        private_key: sealed("private"),
        created_at: T0,
        retired_at,
    };
    let (old, new) = (key(Some(later(5))), key(None));
    signing_key::insert(&mut tx, &new).await.unwrap();
    signing_key::insert(&mut tx, &old).await.unwrap();
    assert_eq!(signing_key::list(&mut tx).await.unwrap(), [old, new]);
}
