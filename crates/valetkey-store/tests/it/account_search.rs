//! Searching accounts.

use valetkey_store::{PageRequest, StoreError, account};

use crate::support::World;

async fn find(world: &World, query: &str) -> Vec<String> {
    let request = PageRequest { size: 100, token: None };
    let mut reader = world.reader().await;
    let page = account::search(&mut reader, &world.environment.id, query, None, &request).await.unwrap();
    assert_eq!(page.total, i64::try_from(page.items.len()).unwrap(), "{query}");
    page.items.into_iter().map(|account| account.identifier).collect()
}

#[tokio::test]
async fn the_start_of_any_word_finds_an_account_and_more_text_narrows_it_down() {
    let world = World::new().await;
    let people = ["jane.doe@example.com", "JANET-9", "Łukasz Żak", "z%_x"];
    world.add_accounts(&world.connection, &people, |_| {}).await;
    assert_eq!(find(&world, "jan").await, ["jane.doe@example.com", "JANET-9"]);
    assert_eq!(find(&world, " JANE.D").await, ["jane.doe@example.com"]);
    assert_eq!(find(&world, "doe@exam").await, ["jane.doe@example.com"]);
    assert_eq!(find(&world, "9").await, ["JANET-9"]);
    assert_eq!(find(&world, "żA").await, ["Łukasz Żak"]);
    assert_eq!(find(&world, "łukasz ż").await, ["Łukasz Żak"]);
    assert_eq!(find(&world, "ane").await, Vec::<String>::new());
    assert_eq!(find(&world, "%").await, Vec::<String>::new());
    assert_eq!(find(&world, "z%_").await, ["z%_x"]);
    assert_eq!(find(&world, "").await.len(), 5);
}

#[tokio::test]
async fn an_account_with_several_fitting_words_is_found_once() {
    let world = World::new().await;
    world.add_accounts(&world.connection, &["ann-anna-annabel", "anna"], |_| {}).await;
    assert_eq!(find(&world, "ann").await, ["ann-anna-annabel", "anna"]);
}

#[tokio::test]
async fn a_new_e_mail_address_is_found_at_once_and_the_old_one_no_more() {
    let world = World::new().await;
    let mut row = world.account.clone();
    for (version, email) in [(1, "old@x.example"), (2, "new@x.example")] {
        row.version = version;
        row.metadata = format!(r#"{{"user_email":"{email}"}}"#);
        let mut tx = world.tx().await;
        assert!(account::update_settings(&mut tx, &row).await.unwrap());
        tx.commit().await.unwrap();
    }
    assert_eq!(find(&world, "new@").await, ["user_1"]);
    assert_eq!(find(&world, "old@").await, Vec::<String>::new());
    assert_eq!(find(&world, "user").await, ["user_1"]);
}

#[tokio::test]
async fn a_search_has_pages_both_ways_and_can_be_kept_to_one_connection() {
    let world = World::new().await;
    let slack = world.add_connection("slack", "SLACK").await;
    world.add_accounts(&slack, &["pat c", "pat a pat", "pat d"], |_| {}).await;
    world.add_accounts(&world.connection, &["pat b"], |_| {}).await;
    let mut reader = world.reader().await;
    for (connection, expected) in [
        (None, vec!["pat a pat", "pat b", "pat c", "pat d"]),
        (Some(&slack.id), vec!["pat a pat", "pat c", "pat d"]),
    ] {
        let total = i64::try_from(expected.len()).unwrap();
        let mut ask = async |token: Option<String>| {
            let request = PageRequest { size: 2, token };
            account::search(&mut reader, &world.environment.id, "pat", connection, &request).await.unwrap()
        };
        // "pat a pat" fits by "pat" too, which comes first.
        let first = ask(None).await;
        let second = ask(first.next.clone()).await;
        let seen: Vec<_> =
            [&first, &second].iter().flat_map(|page| &page.items).map(|row| &*row.identifier).collect();
        assert_eq!(seen, expected);
        assert_eq!((first.total, first.previous.as_ref(), second.next.as_ref()), (total, None, None));
        assert!(first.next.as_ref().unwrap().len() <= 32);
        assert_eq!(ask(second.previous).await, first);
    }
}

#[tokio::test]
async fn a_page_token_whose_place_is_gone_is_refused() {
    let world = World::new().await;
    world.add_accounts(&world.connection, &["user_2"], |_| {}).await;
    let environment = &world.environment.id;
    let request = PageRequest { size: 1, token: None };
    let first =
        account::search(&mut *world.reader().await, environment, "user", None, &request).await.unwrap();
    let mut tx = world.tx().await;
    account::delete(&mut tx, environment, &first.items[0].id).await.unwrap();
    let request = PageRequest { size: 1, token: first.next };
    let refused = account::search(&mut tx, environment, "user", None, &request).await;
    assert!(matches!(refused, Err(StoreError::PageToken)), "{refused:?}");
}
