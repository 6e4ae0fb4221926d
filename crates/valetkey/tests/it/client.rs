//! The client for Rust against the server that `valetkey dev` starts.

use valetkey_client::{
    Client, Error,
    messages::{
        Account, BulkCreateAccountsRequest, CreateAccountRequest, CreateApiTokenRequest,
        GetAccountUsageRequest, ListAccountsRequest,
    },
};

use crate::{dev::Dev, valetkey::free_port};

fn account(identifier: &str) -> CreateAccountRequest {
    CreateAccountRequest {
        connection_id: Some("conn_test_provider".into()),
        identifier: identifier.into(),
        ..CreateAccountRequest::default()
    }
}

/// How well an account works and what it was used for, over gRPC.
async fn health_and_usage(client: &Client, account: &Account) -> Result<(), Error> {
    let pending = client.accounts().get_health(&account.id).await?;
    assert_eq!(pending.account_id, account.id);
    let forecast = pending.forecast.unwrap_or_default();
    assert_eq!(forecast.person_needed, "now", "{}", forecast.explanation);
    let counts = pending.authentication.unwrap_or_default();
    assert_eq!((counts.authorizations, counts.success_rate), (0, None));
    let range = |start: &str, end: &str| GetAccountUsageRequest {
        account_id: account.id.clone(),
        start_date: Some(start.into()),
        end_date: Some(end.into()),
    };
    let unused = client.accounts().get_usage(range("2026-01-01", "2026-01-31")).await?;
    assert_eq!((unused.start_date.as_str(), unused.end_date.as_str()), ("2026-01-01", "2026-01-31"));
    assert_eq!((unused.tool_executions, unused.error_rate, unused.days.len()), (0, None, 0));
    let backwards = client.accounts().get_usage(range("2026-01-31", "2026-01-01")).await.unwrap_err();
    assert_eq!(backwards.code, "INVALID_ARGUMENT");

    let test = CreateAccountRequest { test_mode: true, ..self::account("tester") };
    let tested = client.accounts().create(test).await?;
    client.accounts().get_test_tokens(&tested.id).await?;
    let authorized = client.accounts().get_health(&tested.id).await?;
    assert_eq!(authorized.token.unwrap_or_default().state, "valid");
    let counts = authorized.authentication.unwrap_or_default();
    assert_eq!((counts.authorizations, counts.authorizations_succeeded), (1, 1));
    assert_eq!(counts.success_rate, Some(1.0));
    let gone = client.accounts().get_health("ca_none").await.unwrap_err();
    assert_eq!(gone.code, "ACCOUNT_NOT_FOUND");
    client.accounts().delete(&tested.id).await.map(drop)
}

/// What a program does with the client from its first call to its last.
async fn story(client: &Client) -> Result<(), Error> {
    let created = client.accounts().create(account("user_123")).await?;
    assert_eq!((created.status.as_str(), created.next_action.as_str()), ("pending", "reauthorize"));
    assert_eq!(client.accounts().get(&created.id).await?, created);
    let listed = client.accounts().list(ListAccountsRequest::default()).await?;
    assert_eq!(listed.accounts, std::slice::from_ref(&created));

    let again = client.accounts().create(account("user_123")).await.unwrap_err();
    assert_eq!(
        (again.code.as_str(), again.answer.next_action.as_str()),
        ("ACCOUNT_ALREADY_EXISTS", "fix_request")
    );
    assert!(again.answer.request_id.starts_with("req_"), "{:?}", again.answer);

    let accounts = vec![account("user_123"), account("user_124")];
    let many = BulkCreateAccountsRequest { accounts, wait_seconds: Some(0) };
    let begun = client.bulk_operations().create_accounts(many).await?;
    let results = client.bulk_operations().wait(begun).await?.results;
    assert_eq!(results.iter().map(|result| result.created).collect::<Vec<_>>(), [false, true]);

    health_and_usage(client, &created).await?;

    client.accounts().delete(&created.id).await?;
    let gone = client.accounts().get(&created.id).await.unwrap_err();
    assert_eq!(gone.code, "ACCOUNT_NOT_FOUND");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_in_rust_works_with_accounts_over_tls() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("data");
    let dev = Dev::start(&directory, [free_port(), free_port()]);
    let exports = dev.exports();
    let certificates = std::fs::read_to_string(directory.join("ca.pem")).unwrap();
    let builder = || Client::builder(&exports["SCALEKIT_ENVIRONMENT_URL"]).certificates(&certificates);
    let (id, secret) = (&exports["SCALEKIT_CLIENT_ID"], &exports["SCALEKIT_CLIENT_SECRET"]);
    let with_secret = builder().client_credentials(id, secret).build().unwrap();
    let token = CreateApiTokenRequest { name: "program".into(), ..CreateApiTokenRequest::default() };
    let made = with_secret.tokens().create(token).await.unwrap();
    let client = builder().api_token(made.token).build().unwrap();
    story(&client).await.unwrap();

    let refused = builder().api_token("vkt_wrong").build().unwrap().accounts().get("ca_1").await.unwrap_err();
    assert_eq!(
        (refused.code.as_str(), refused.answer.next_action.as_str()),
        ("UNAUTHENTICATED", "authenticate")
    );
    let distrusted = Client::builder(&exports["SCALEKIT_ENVIRONMENT_URL"]).api_token("vkt_1").max_retries(0);
    let unreached = distrusted.build().unwrap().accounts().get("ca_1").await.unwrap_err();
    assert_eq!(unreached.code, "CONNECTION_FAILED");
    dev.stop();
}
