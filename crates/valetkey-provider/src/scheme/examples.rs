//! Each connector that comes with Valetkey sends its credential as its `example.yaml` says, which repeats what the
//! provider documents.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at the first surprise")]

use std::{collections::BTreeMap, fs, path::Path};

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value};
use valetkey_core::{
    connector::{AuthScheme, Connector, Document, Template, parse_yaml},
    credential::{Credential, OauthCredential},
};

use super::attach;
use crate::{Access, destination::Destination, egress::Purpose, url_template::render_url};

/// A call and the request that comes of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    /// Values of connection, account and discovered fields.
    #[serde(default)]
    fields: BTreeMap<String, String>,
    /// Tokens, or what the user fills in.
    #[serde(default)]
    credential: Map<String, Value>,
    /// The address of the authorization endpoint.
    authorization_url: Option<String>,
    /// The address of the token endpoint.
    token_url: Option<String>,
    /// The path of the call.
    path: String,
    request: Request,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// With the query.
    url: String,
    headers: BTreeMap<String, String>,
}

#[test]
fn each_connector_sends_its_credential_as_its_provider_documents() {
    let only = std::env::var("CONNECTOR").ok();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors");
    let mut wrong = Vec::new();
    for folder in fs::read_dir(root).expect("connectors/").flatten() {
        let slug = folder.file_name().to_string_lossy().into_owned();
        let Ok(text) = fs::read_to_string(folder.path().join("connector.yaml")) else { continue };
        if only.as_ref().is_some_and(|only| *only != slug) {
            continue;
        }
        let connector = parse_yaml(&slug, &text).unwrap_or_else(|errors| panic!("{errors:?}"));
        let differences = match fs::read_to_string(folder.path().join("example.yaml")) {
            Ok(text) => differences(&connector, &Document::parse(&slug, &text).unwrap().read().unwrap()),
            Err(_) => vec!["has no example.yaml".to_owned()],
        };
        wrong.extend(differences.into_iter().map(|difference| format!("{slug}: {difference}")));
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differences(connector: &Connector, example: &Example) -> Vec<String> {
    let fields = connector.complete(example.fields.clone());
    let mut found = Vec::new();
    let mut differ = |what: &str, made: String, wanted: String| {
        if made != wanted {
            found.push(format!("{what} is {made} and not {wanted}"));
        }
    };
    if let AuthScheme::Oauth2(oauth2) = &connector.auth {
        let render =
            |url: &Template| render_url(url, &fields).map_or_else(|error| error.to_string(), String::from);
        let named = |url: &Option<String>| url.clone().unwrap_or_default();
        differ("authorization_url", render(&oauth2.authorization.url), named(&example.authorization_url));
        differ("token_url", render(&oauth2.token.url), named(&example.token_url));
    }
    let credential = credential(connector, &example.credential);
    let placements = connector.auth.placements();
    let access =
        Access { api: &connector.api, placements: &placements, credential: &credential, fields: &fields };
    let destination = match Destination::below_base(access.api, access.fields, &example.path) {
        Ok(destination) => destination,
        Err(error) => return vec![error.to_string()],
    };
    match attach(&access, Purpose::Api, Method::GET, destination) {
        Err(error) => differ("the credential", error.to_string(), String::new()),
        Ok(request) => {
            differ("the URL", request.url().to_string(), example.request.url.clone());
            let headers: BTreeMap<&str, &str> = request
                .headers()
                .iter()
                .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("?")))
                .collect();
            let wanted: BTreeMap<&str, &str> =
                example.request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            differ("the header set", format!("{headers:?}"), format!("{wanted:?}"));
        }
    }
    found
}

fn credential(connector: &Connector, given: &Map<String, Value>) -> Credential {
    match &connector.auth {
        AuthScheme::Oauth2(_) => Credential::Oauth2(OauthCredential {
            access_token: given["access_token"].as_str().unwrap().into(),
            ..OauthCredential::default()
        }),
        _ => Credential::Static(Value::Object(given.clone()).to_string().into()),
    }
}
