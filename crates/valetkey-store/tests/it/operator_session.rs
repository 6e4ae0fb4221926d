use valetkey_store::operator_session;

use crate::support::{Database, hash, later, row};

#[tokio::test]
async fn a_sign_in_link_is_found_by_its_hash_and_used_once() {
    let db = Database::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    let link = row::operator_session("sign_in_link");
    operator_session::insert(&mut tx, &link).await.unwrap();
    assert_eq!(operator_session::by_hash(&mut tx, &hash()).await.unwrap(), None);
    assert_eq!(operator_session::by_hash(&mut tx, &link.token_hash).await.unwrap().as_ref(), Some(&link));
    assert!(operator_session::mark_used(&mut tx, &link.id, later(1)).await.unwrap());
    assert!(!operator_session::mark_used(&mut tx, &link.id, later(2)).await.unwrap());
    let read = operator_session::by_hash(&mut tx, &link.token_hash).await.unwrap().unwrap();
    assert_eq!(read.used_at, Some(later(1)));
}
