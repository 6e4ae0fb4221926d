//! How answers are written.

use http::Method;
use serde_json::json;

use crate::harness::Wire;

#[tokio::test]
async fn an_answer_has_every_scalar_and_list_and_omits_what_is_not_set() {
    let wire = Wire::new();
    let answer = wire.rest(Method::GET, "/api/v1/connected_accounts", "").await;
    let expected =
        json!({ "connected_accounts": [], "total_size": 0, "next_page_token": "", "prev_page_token": "" });
    assert_eq!(answer.json, expected);
    let body = r#"{"display_name": "Acme", "metadata": {"plan": "gold"}, "region_code": "EU"}"#;
    let answer = wire.rest(Method::POST, "/api/v1/organizations", body).await;
    let organization = json!({
        "id": "org_1", "display_name": "Acme", "region_code": "EU", "metadata": { "plan": "gold" },
    });
    assert_eq!(answer.json, json!({ "organization": organization }));
}

#[tokio::test]
async fn enums_are_names_timestamps_are_rfc_3339_and_whole_numbers_of_a_struct_stay_whole() {
    let wire = Wire::new();
    let answer = wire.rest(Method::GET, "/api/v1/connected_accounts/details?identifier=u", "").await;
    let account = &answer.json["connected_account"];
    assert_eq!(account["status"], "PENDING_AUTH");
    assert_eq!(account["authorization_type"], "CONNECTION_TYPE_UNSPECIFIED");
    assert_eq!(account["updated_at"], "2026-01-15T10:30:00Z");
    assert!(account.get("token_expires_at").is_none());
    let config = &account["api_config"];
    assert_eq!(
        (config["whole"].to_string(), config["part"].to_string()),
        ("12345".to_owned(), "0.5".to_owned())
    );
    assert!(config["none"].is_null() && config.get("none").is_some());
}

#[tokio::test]
async fn a_64_bit_integer_is_a_string() {
    let wire = Wire::new();
    let answer = wire.rest(Method::GET, "/api/v1/agentkit/tool_call_logs/exec_1", "").await;
    assert_eq!(answer.json["duration_ms"], "9007199254740993");
    assert_eq!(answer.json["execution_id"], "exec_1");
}

#[tokio::test]
async fn an_empty_answer_is_an_empty_object_that_no_cache_keeps() {
    let wire = Wire::new();
    let answer = wire.rest(Method::DELETE, "/api/v1/organizations/org_1", "").await;
    assert_eq!((answer.status.as_u16(), answer.json), (200, json!({})));
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["content-type"], "application/json");
}
