//! Each way of client authentication, accepted by a server that checks it.

use serde_json::json;
use valetkey_core::{Secret, connector::ClientAuthentication};
use valetkey_provider::oauth::TokenError;
use valetkey_testkit::provider::TEST_CLIENT_ID;

use crate::support::World;

const AWKWARD: &str = "s:%+ =&/é";

#[tokio::test]
async fn t16_each_method_is_accepted_and_puts_the_secret_in_one_place() {
    use ClientAuthentication::{ClientSecretBasic, ClientSecretBasicRaw, ClientSecretPost, SecretAsUsername};
    for method in [ClientSecretPost, ClientSecretBasic, ClientSecretBasicRaw, SecretAsUsername] {
        let mut world = World::new().await;
        world.authentication = method;
        world.connect(&world.oauth2(json!({}))).await.unwrap();
        let sent = &world.site.provider.token_requests()[0];
        let in_header = sent.headers.contains_key("authorization");
        let in_body = sent.parameter("client_secret").is_some();
        assert!(in_header != in_body, "{method:?}");
        assert_eq!(in_body, method == ClientSecretPost, "{method:?}");
    }
}

#[tokio::test]
async fn t17_awkward_secrets_survive_basic_authentication() {
    let mut world = World::new().await;
    world.site.provider.register_client(TEST_CLIENT_ID, Some(AWKWARD), &[]);
    world.secret = Secret::from(AWKWARD);
    world.authentication = ClientAuthentication::ClientSecretBasic;
    world.connect(&world.oauth2(json!({}))).await.unwrap();
}

#[tokio::test]
async fn quirk_31_a_public_client_sends_its_id_and_no_secret() {
    let mut world = World::new().await;
    world.site.provider.register_client(TEST_CLIENT_ID, None, &[]);
    world.authentication = ClientAuthentication::None;
    world.connect(&world.oauth2(json!({}))).await.unwrap();
    let sent = &world.site.provider.token_requests()[0];
    assert!(sent.parameter("client_secret").is_none() && !sent.headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_wrong_secret_is_a_fault_of_the_connection_and_is_not_repeated() {
    let mut world = World::new().await;
    world.secret = Secret::from("wrong-secret");
    let refused = world.connect(&world.oauth2(json!({}))).await.unwrap_err();
    assert!(matches!(refused, TokenError::ClientMisconfigured(_)), "{refused}");
    assert!(!format!("{refused} {refused:?}").contains("wrong-secret"));
}
