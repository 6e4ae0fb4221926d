//! The nouns of an operator.

use serde_json::Value;

use crate::valetkey::{Place, Ran, run};

struct Operator(Place);

impl Operator {
    fn new() -> Self {
        let operator = Self(Place::new());
        operator.json(&["environment", "create", "prod"]);
        operator
    }

    fn try_run(&self, arguments: &[&str]) -> Ran {
        run(&mut self.0.command(arguments))
    }

    fn out(&self, arguments: &[&str]) -> String {
        let ran = self.try_run(arguments);
        assert!(ran.success, "valetkey {arguments:?}: {}", ran.err);
        ran.out
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.out(&[arguments, &["--json"]].concat()).parse().unwrap()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn t59_a_client_secret_is_shown_once_with_a_recognisable_prefix() {
    let operator = Operator::new();
    let client = operator.json(&["client", "create", "--name", "agent"]);
    assert!(text(&client["client_secret"]).starts_with("vks_"));
    let listed = operator.out(&["client", "list"]);
    assert!(listed.contains(text(&client["client_id"])) && !listed.contains("vks_"));
}

#[test]
fn a_client_reads_credentials_only_where_it_was_allowed_to() {
    let operator = Operator::new();
    operator.out(&["client", "create", "--name", "plain"]);
    operator.out(&["client", "create", "--name", "trusted", "--allow-reading-credentials"]);
    let listed = operator.json(&["client", "list"]);
    let may = |row: &Value| text(&row["permissions"]).contains("connected_accounts:credentials");
    assert_eq!((may(&listed[0]), may(&listed[1])), (false, true), "{listed}");
}

#[test]
fn a_client_can_be_given_a_new_secret_and_be_revoked() {
    let operator = Operator::new();
    let client = operator.json(&["client", "create"]);
    let id = text(&client["client_id"]);
    let rotated = operator.json(&["client", "rotate", id, "--now"]);
    assert_eq!(rotated["client_id"], client["client_id"]);
    assert_ne!(rotated["client_secret"], client["client_secret"]);
    operator.out(&["client", "revoke", id]);
    assert_ne!(operator.json(&["client", "list"])[0]["revoked_at"], "");
    assert!(operator.try_run(&["client", "revoke", id]).err.contains("revoked already"));
}

#[test]
fn an_unknown_permission_is_refused_with_those_that_there_are() {
    let operator = Operator::new();
    let said = operator.try_run(&["client", "create", "--permission", "everything"]).err;
    assert!(said.contains("\"everything\" is none of") && said.contains("connected_accounts:read"), "{said}");
}

#[test]
fn an_environment_may_be_left_out_only_where_there_is_one() {
    let operator = Operator::new();
    operator.json(&["environment", "create", "staging"]);
    assert!(operator.try_run(&["client", "list"]).err.contains("say which with --environment"));
    operator.json(&["client", "list", "--environment", "staging"]);
    assert_eq!(operator.json(&["environment", "list"]).as_array().unwrap().len(), 2);
    let said = operator.try_run(&["client", "list", "--environment", "stagin"]).err;
    assert!(said.contains("environment \"stagin\" not found"), "{said}");
}

#[test]
fn the_rules_of_an_environment_can_be_changed() {
    let operator = Operator::new();
    let url = "https://app.example/done";
    let set = operator.json(&["environment", "set", "--verification", "custom", "--return-url", url]);
    assert_eq!((text(&set[0]["verification"]), text(&set[0]["return_urls"])), ("custom", url));
    let emptied = operator.json(&["environment", "set", "--return-url", ""]);
    assert_eq!((text(&emptied[0]["verification"]), text(&emptied[0]["return_urls"])), ("custom", ""));
}

#[test]
fn a_connection_lives_from_its_creation_to_its_deletion() {
    let operator = Operator::new();
    operator.0.write("secret", "a-client-secret-9876\n", 0o600);
    let secret = operator.0.path("secret");
    let create = ["connection", "create", "gmail", "--name", "Mail", "--client-id", "id-1"];
    let created = operator.json(&[&create[..], &["--client-secret-file", &secret]].concat());
    assert_eq!(text(&created["client_secret"]), "********9876");
    let redirect = format!("https://connect.example.com/sso/v1/oauth/{}/callback", text(&created["id"]));
    assert_eq!(text(&created["redirect_uri"]), redirect);

    let updated =
        operator.json(&["connection", "update", "mail", "--client-id", "id-2", "--scope", "openid"]);
    assert_eq!((text(&updated["client_id"]), text(&updated["client_secret"])), ("id-2", "********9876"));
    assert!(text(&updated["scopes"]).contains("openid"));

    operator.out(&["connection", "disable", "mail"]);
    assert_eq!(operator.json(&["connection", "show", "MAIL"])["enabled"], "false");
    operator.out(&["connection", "enable", text(&created["id"])]);
    assert_eq!(operator.json(&["connection", "list"])[0]["enabled"], "true");

    let said = operator.try_run(&["connection", "show", "mial"]).err;
    assert!(said.contains("did you mean \"Mail\"?"), "{said}");
    operator.out(&["connection", "delete", "mail"]);
    assert_eq!(operator.json(&["connection", "list"]).as_array().unwrap().len(), 0);
}

#[test]
fn a_token_endpoint_moves_to_another_host_only_with_the_client_secret() {
    let operator = Operator::new();
    operator.0.write("secret", "a-client-secret-9876\n", 0o600);
    let secret = operator.0.path("secret");
    let again = ["--client-secret-file", &secret];
    for (connector, moved, same) in [
        ("gmail", "--token-uri=https://tokens.example/token", "--token-uri=https://tokens.example/other"),
        ("gitlab", "--set=host=git.example", "--client-id=id-2"),
    ] {
        let create = ["connection", "create", connector, "--name", connector, "--client-id", "id-1"];
        operator.out(&[&create[..], &again].concat());
        let update = ["connection", "update", connector, moved];
        let said = operator.try_run(&update);
        assert!(!said.success && said.err.contains("client_secret: must be given again"), "{}", said.err);
        let fields = text(&operator.json(&["connection", "show", connector])["fields"]).to_owned();
        assert!(!fields.contains("git.example"), "nothing has changed: {fields}");
        operator.out(&[&update[..], &again].concat());
        let kept = operator.json(&["connection", "update", connector, same]);
        assert_eq!(text(&kept["client_secret"]), "********9876", "the host stays, and so does the secret");
    }
}

#[test]
fn a_sign_in_link_leads_to_the_public_address() {
    let link = Operator::new().json(&["operator", "sign-in-link"]);
    assert!(text(&link["url"]).starts_with("https://connect.example.com/operator/sign-in/"));
}

#[test]
fn a_link_that_is_not_there_cannot_be_revoked() {
    let said = Operator::new().try_run(&["link", "revoke", "lnk_nothing"]).err;
    assert!(said.contains("authorization link lnk_nothing not found"), "{said}");
}

#[test]
fn migrating_twice_is_the_same_as_once() {
    let operator = Operator::new();
    assert_eq!(operator.out(&["migrate"]), operator.out(&["migrate"]));
}

#[test]
fn the_openapi_document_and_the_version_need_no_installation() {
    let document: Value = crate::valetkey::out(&["openapi"]).parse().unwrap();
    assert!(text(&document["openapi"]).starts_with("3.1"));
    assert_eq!(crate::valetkey::out(&["version"]).trim(), concat!("valetkey ", env!("CARGO_PKG_VERSION")));
}
