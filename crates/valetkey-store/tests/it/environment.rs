use valetkey_core::environment::VerificationMode;
use valetkey_store::environment;

use crate::support::{Database, row};

#[tokio::test]
async fn an_environment_is_read_as_it_was_written_and_changed() {
    let db = Database::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    let mut one = row::environment("one");
    environment::insert(&mut tx, &one).await.unwrap();
    environment::insert(&mut tx, &row::environment("two")).await.unwrap();
    assert_eq!(environment::get(&mut tx, &one.id).await.unwrap().as_ref(), Some(&one));
    assert_eq!(environment::by_name(&mut tx, "one").await.unwrap().as_ref(), Some(&one));
    assert_eq!(environment::by_name(&mut tx, "One").await.unwrap(), None);

    one.name = "first".into();
    one.verification_mode = VerificationMode::Platform;
    one.allowed_return_urls.clear();
    assert!(environment::update(&mut tx, &one).await.unwrap());
    let names: Vec<_> = environment::list(&mut tx).await.unwrap().into_iter().map(|row| row.name).collect();
    assert_eq!(names, ["first", "two"]);
    assert_eq!(environment::get(&mut tx, &one.id).await.unwrap(), Some(one));
    assert!(!environment::update(&mut tx, &row::environment("unknown")).await.unwrap());
}
