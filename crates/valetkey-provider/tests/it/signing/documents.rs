//! Logins by GraphQL, XML, headers and cookies (quirk 77).

use serde_json::{Value, json};
use valetkey_provider::{CallError, oauth::TokenError};

use super::{Signing, computed, get, ok};
use crate::server::Reply;

/// A login by GraphQL, whose token is deep in the answer.
fn graphql() -> Value {
    let place = json!([{ "header": { "name": "x-token", "value": "{{token}}" } }]);
    let values = json!({ "token": { "mint": {
        "url": "BASE/graphql",
        "document": { "json": {
            "query": "mutation SignIn($options: SignInInput!) { signIn(options: $options) { token } }",
            "variables": { "options": { "email": "{{email}}", "password": "{{password}}" } },
        } },
        "answer": {
            "access_token": "/data/signIn/token", "errors": [{ "pointer": "/errors", "meaning": "grant_revoked" }],
            "lifetime": { "default_seconds": 3600 },
        },
    } } });
    json!([{ "computed": { "values": values, "place": place } }])
}

#[tokio::test]
async fn quirk_77_a_login_by_graphql_yields_a_token_from_deep_in_its_answer() {
    let answer = Reply::json(200, json!({ "data": { "signIn": { "token": "first-token" } } }));
    let again = Reply::json(200, json!({ "data": { "signIn": { "token": "second-token" } } }));
    let refused = Reply::json(401, json!({}));
    let details = json!({ "email": "a@b.example", "password": r#"p"}}, "admin": {"x": "{{email}}"#, });
    let signing = Signing::new(graphql(), details.clone(), [answer, ok(), refused, again, ok()]).await;
    assert_eq!(signing.get("/a").await.header("x-token"), Some("first-token"));
    assert_eq!(signing.get("/b").await.header("x-token"), Some("second-token"));
    let login = signing.site.server.received().remove(0);
    assert_eq!((login.method.as_str(), login.header("content-type")), ("POST", Some("application/json")));
    // A value that looks like JSON, or like a placeholder, is a text and nothing else.
    assert_eq!(login.json()["variables"], json!({ "options": details }));
}

#[tokio::test]
async fn quirk_77_an_error_of_graphql_with_status_200_is_an_error() {
    let errors = json!({ "errors": [{ "message": "Wrong password pass-0123456789" }], "data": null });
    let details = json!({ "email": "a@b.example", "password": "pass-0123456789" });
    let signing = Signing::new(graphql(), details, [Reply::json(200, errors)]).await;
    let refused = signing.call(get("/a")).await.unwrap_err();
    assert!(matches!(refused, CallError::Token(TokenError::GrantInvalid(_))), "{refused}");
    assert!(!format!("{refused} {refused:?}").contains("pass-0123456789"));
}

/// As Sage documents for Intacct: a session for a sender and a user.
fn intacct() -> Value {
    let document = concat!(
        r#"<?xml version="1.0" encoding="UTF-8"?>"#,
        "<request><control><senderid>{{sender}}</senderid><password>{{sender_password}}</password></control>",
        "<operation><authentication><login><userid>{{user}}</userid><companyid>{{company}}</companyid>",
        "<password>{{password}}</password></login></authentication>",
        r#"<content><function controlid="{{user}}"><getAPISession/></function></content></operation></request>"#,
    );
    computed(
        json!({ "session": { "mint": {
            "url": "BASE/ia/xml/xmlgw.phtml",
            "document": { "xml": document },
            "answer": {
                "format": "xml",
                "access_token": "/response/operation/result/data/api/sessionid",
                "capture": { "endpoint": "/response/operation/result/data/api/endpoint" },
                "errors": [
                    { "pointer": "/response/control/status", "unless": "success", "meaning": "client_misconfigured" },
                    { "pointer": "/response/operation/result/status", "unless": "success", "meaning": "grant_revoked" },
                ],
                "lifetime": { "pointer": "/response/operation/authentication/sessiontimeout", "unit": "rfc3339" },
            },
        } } }),
        "Session {{session}}",
    )
}

fn intacct_details() -> Value {
    json!({
        "sender": "acme", "sender_password": "s&<p>\"'", "user": "alice\"/><x y='", "company": "a & b",
        "password": "</password></login></authentication><authentication>]]><!--{{sender_password}}",
    })
}

fn session() -> Reply {
    Reply::xml(
        200,
        r#"<?xml version="1.0" encoding="UTF-8"?>
        <response><control><status>success</status></control><operation>
            <authentication><status>success</status><sessiontimeout>2027-01-15T09:00:00+00:00</sessiontimeout></authentication>
            <result><status>success</status><data><api><sessionid>session..0123</sessionid>
                <endpoint>https://api.intacct.com/ia/xml/xmlgw.phtml</endpoint></api></data></result>
        </operation></response>"#,
    )
}

#[tokio::test]
async fn quirk_77_a_login_by_xml_sends_values_escaped_and_reads_elements() {
    let signing = Signing::new(intacct(), intacct_details(), [session(), ok(), ok()]).await;
    for path in ["/a", "/b"] {
        assert_eq!(signing.get(path).await.header("authorization"), Some("Session session..0123"));
    }
    let login = signing.site.server.received().remove(0);
    assert_eq!((login.method.as_str(), login.header("content-type")), ("POST", Some("application/xml")));
    let sent = roxmltree::Document::parse(&login.body).unwrap();
    let text = |name: &str| {
        let found: Vec<_> = sent.descendants().filter(|node| node.has_tag_name(name)).collect();
        found.iter().map(|node| node.text().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let details = intacct_details();
    let detail = |name: &str| details[name].as_str().unwrap().to_owned();
    assert_eq!(text("password"), [detail("sender_password"), detail("password")]);
    assert_eq!((text("userid"), text("companyid")), (vec![detail("user")], vec![detail("company")]));
    assert_eq!((text("authentication").len(), text("x").len()), (1, 0));
    let function = sent.descendants().find(|node| node.has_tag_name("function")).unwrap();
    assert_eq!(function.attribute("controlid"), Some(detail("user").as_str()));
}

#[tokio::test]
async fn t77_an_error_of_xml_is_told_without_what_was_sent() {
    let text = "<response><control><status>success</status></control><operation><result><status>failure</status>
        <errormessage><error><description2>Sign-in of pass-0123456789</description2></error></errormessage></result></operation></response>";
    let details = json!({
        "sender": "acme", "sender_password": "p", "user": "u", "company": "c", "password": "pass-0123456789",
    });
    let signing = Signing::new(intacct(), details, [Reply::xml(200, text)]).await;
    let refused = signing.call(get("/a")).await.unwrap_err();
    assert!(matches!(refused, CallError::Token(TokenError::GrantInvalid(_))), "{refused}");
    assert!(!format!("{refused} {refused:?}").contains("pass-0123456789"));
    // What cannot be written in XML is not sent at all.
    let mut details = intacct_details();
    details["password"] = json!("pass-0123456789\u{1}");
    let signing = Signing::new(intacct(), details, []).await;
    let refused = signing.call(get("/a")).await.unwrap_err();
    let told = format!("{refused} {refused:?}");
    assert!(told.contains("\"password\"") && !told.contains("pass-0123456789"), "{told}");
    assert!(signing.site.server.received().is_empty());
}

#[tokio::test]
async fn quirk_77_a_login_yields_a_header_and_all_cookies_whatever_their_names() {
    // As SAP documents for the gateway: a token against forgery, and the cookies of the session that it belongs to.
    let place = json!([{ "computed": {
        "values": {
            "basic": { "text": { "of": "{{user}}:{{password}}", "encoding": "base64" } },
            "csrf": { "mint": {
                "url": "BASE/sap/opu/odata/", "method": "GET",
                "headers": { "authorization": "Basic {{basic}}", "x-csrf-token": "Fetch" },
                "answer": {
                    "format": "message", "access_token": "/headers/x-csrf-token",
                    "capture": { "cookie": "/cookie" }, "lifetime": { "pointer": "/body/timeout", "default_seconds": 1500 },
                },
                "refused": [401, 403],
            } },
        },
        "place": [
            { "header": { "name": "x-csrf-token", "value": "{{csrf}}" } },
            { "header": { "name": "cookie", "value": "{{csrf.cookie}}" } },
        ],
    } }]);
    let login = |number: u8| {
        ok().with("x-csrf-token", &format!("csrf-0123-{number}=="))
            .with("set-cookie", &format!("SAP_SESSIONID_ABC_100=session-{number}%3d; path=/; secure"))
            .with("set-cookie", "sap-usercontext=sap-client=100; path=/")
    };
    let refused = Reply::json(403, json!({})).with("x-csrf-token", "Required");
    let details = json!({ "user": "alice", "password": "pass-0123456789" });
    let signing = Signing::new(place, details, [login(1), ok(), refused, login(2), ok()]).await;
    let first = signing.get("/Items").await;
    assert_eq!(first.header("x-csrf-token"), Some("csrf-0123-1=="));
    let cookies = "SAP_SESSIONID_ABC_100=session-1%3d; sap-usercontext=sap-client=100";
    assert_eq!(first.header("cookie"), Some(cookies));
    let second = signing.get("/Orders").await;
    assert_eq!(second.header("cookie"), Some(cookies.replace("session-1", "session-2").as_str()));
}
