//! The authorization endpoint (RFC 6749 §4.1.1, RFC 7636, RFC 9126, RFC 9207; `prompt=none` of `OpenID` Connect Core 1.0
//! §3.1.2.1).

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use url::{Host, Url};

use super::{
    Misbehaviour, USERS,
    misbehaviour::{Place, Plan},
    page,
    parameters::Parameters,
    server::Site,
    state::{Authorization, Client, Code},
};

/// How long a code can be exchanged, in seconds.
const CODE_SECONDS: i64 = 60;

/// Why an authorization request is not accepted.
pub(super) enum Refusal {
    /// The redirect URI cannot be trusted: tell the user.
    Page(&'static str),
    /// Tell the application.
    Redirect { authorization: Box<Authorization>, error: &'static str, description: &'static str },
}

/// Shows the consent page.
pub(super) async fn show(State(site): State<Site>, parameters: Parameters) -> Response {
    let pushed = parameters.get("request_uri").map(|uri| {
        let taken = site.provider.memory().requests.remove(uri);
        taken.filter(|request| parameters.get("client_id") == Some(&request.client_id))
    });
    let accepted = match pushed {
        Some(Some(authorization)) => Ok(authorization),
        Some(None) => Err(Refusal::Page("The request_uri is unknown, used, or of another client.")),
        None => accept(&site, &parameters),
    };
    match accepted {
        Ok(authorization) if authorization.unattended => {
            let user = authorization.signed_in.clone();
            answer(&site, &authorization, user.ok_or("login_required"))
        }
        Ok(authorization) => {
            let id = site.provider.random("req_");
            let shown = page::consent(&id, &authorization);
            site.provider.memory().requests.insert(id, authorization);
            shown
        }
        Err(Refusal::Page(text)) => page::problem(text),
        Err(Refusal::Redirect { authorization, error, description }) => {
            let plan = site.provider.plan(Place::Callback, Some(&authorization.client_id));
            back(&site, &plan, &authorization, &[("error", error), ("error_description", description)])
        }
    }
}

/// Takes what the user decided.
pub(super) async fn decide(State(site): State<Site>, parameters: Parameters) -> Response {
    let taken = parameters.get("request").and_then(|id| site.provider.memory().requests.remove(id));
    let Some(authorization) = taken else {
        return page::problem("This page was used already. Start again from the application.");
    };
    let user = parameters.get("user").filter(|user| USERS.contains(user));
    let approved = user.filter(|_| parameters.get("decision") == Some("approve"));
    answer(&site, &authorization, approved.map(ToOwned::to_owned).ok_or("access_denied"))
}

/// Sends the browser back with a code for the user, or with an error code.
fn answer(site: &Site, authorization: &Authorization, decided: Result<String, &str>) -> Response {
    let plan = site.provider.plan(Place::Callback, Some(&authorization.client_id));
    let denial = plan.find(|wrong| match wrong {
        Misbehaviour::DenyConsent { error, description } => Some((error.clone(), description.clone())),
        _ => None,
    });
    if let Some((error, description)) = denial {
        let description = description.unwrap_or_default();
        return back(site, &plan, authorization, &[("error", &error), ("error_description", &description)]);
    }
    match decided {
        Ok(user) => {
            let code = site.provider.random("code_");
            let expires_at = site.provider.now().plus_seconds(CODE_SECONDS);
            let issued = Code { authorization: authorization.clone(), user, expires_at, spent_for: None };
            site.provider.memory().codes.insert(code.clone(), issued);
            back(site, &plan, authorization, &[("code", &code)])
        }
        Err(error) => {
            let description = ("error_description", "Nobody has consented.");
            back(site, &plan, authorization, &[("error", error), description])
        }
    }
}

/// Checks an authorization request, be it pushed or in the query.
pub(super) fn accept(site: &Site, parameters: &Parameters) -> Result<Authorization, Refusal> {
    let client_id = parameters.get("client_id").unwrap_or_default();
    let client = site.provider.memory().clients.get(client_id).cloned();
    let client = client.ok_or(Refusal::Page("The client_id is unknown."))?;
    let redirect_uri = parameters.get("redirect_uri").unwrap_or_default();
    if !may_redirect(&client, redirect_uri) {
        return Err(Refusal::Page("The redirect_uri is not registered for this client."));
    }
    let authorization = Authorization {
        client_id: client_id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        scopes: parameters
            .get("scope")
            .unwrap_or_default()
            .split_whitespace()
            .map(ToOwned::to_owned)
            .collect(),
        state: parameters.get("state").map(ToOwned::to_owned),
        code_challenge: parameters.get("code_challenge").unwrap_or_default().to_owned(),
        unattended: parameters.get("prompt") == Some("none"),
        signed_in: parameters.get("login_hint").map(ToOwned::to_owned),
    };
    let (error, description) = if parameters.get("response_type") != Some("code") {
        ("unsupported_response_type", "Only response_type=code is supported.")
    } else if parameters.get("code_challenge_method") != Some("S256")
        || authorization.code_challenge.len() != 43
    {
        ("invalid_request", "A code_challenge with code_challenge_method=S256 is required.")
    } else {
        return Ok(authorization);
    };
    Err(Refusal::Redirect { authorization: Box::new(authorization), error, description })
}

fn may_redirect(client: &Client, redirect_uri: &str) -> bool {
    if !client.redirect_uris.is_empty() {
        return client.redirect_uris.iter().any(|registered| registered == redirect_uri);
    }
    Url::parse(redirect_uri).is_ok_and(|url| {
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        url.fragment().is_none() && (url.scheme() == "https" || url.scheme() == "http" && loopback)
    })
}

/// Sends the browser back to the application, with state and issuer.
fn back(site: &Site, plan: &Plan, authorization: &Authorization, parameters: &[(&str, &str)]) -> Response {
    let Ok(mut url) = Url::parse(&authorization.redirect_uri) else {
        return page::problem("The redirect_uri is malformed.");
    };
    let issuer = if plan.has(&Misbehaviour::NoIss) {
        None
    } else if plan.has(&Misbehaviour::WrongIss) {
        Some("https://other-issuer.example")
    } else {
        Some(site.base_url.as_str())
    };
    let always = [("state", authorization.state.as_deref()), ("iss", issuer)];
    let always = always.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let given = parameters.iter().copied().filter(|(_, value)| !value.is_empty());
    url.query_pairs_mut().extend_pairs(given.chain(always));
    Redirect::to(url.as_str()).into_response()
}
