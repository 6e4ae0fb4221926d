//! The pages of the test provider. They work without JavaScript.

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

use super::{USERS, state::Authorization};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:28rem;margin:3rem auto;padding:0 1rem}\
    fieldset{border:1px solid #888;border-radius:.5rem}button{font:inherit;padding:.6rem 1.2rem;margin:1rem .5rem 0 0}";

/// The consent page for a waiting request.
pub(super) fn consent(request_id: &str, authorization: &Authorization) -> Response {
    let scope = |scope: &String| format!("<li><code>{}</code></li>", escape(scope));
    let scopes: String = authorization.scopes.iter().map(scope).collect();
    let scopes = if scopes.is_empty() { "<li>nothing in particular</li>".to_owned() } else { scopes };
    let user = |(index, user): (usize, &&str)| {
        let checked = if index == 0 { " checked" } else { "" };
        format!("<label><input type=\"radio\" name=\"user\" value=\"{user}\"{checked}> {user}</label><br>\n")
    };
    let users: String = USERS.iter().enumerate().map(user).collect();
    let body = format!(
        "<h1>Test provider</h1>\n\
         <p><strong>{client}</strong> asks for access to:</p>\n<ul>{scopes}</ul>\n\
         <form method=\"post\" action=\"/authorize\">\n\
         <input type=\"hidden\" name=\"request\" value=\"{request}\">\n\
         <fieldset><legend>Sign in as</legend>\n{users}</fieldset>\n\
         <button type=\"submit\" name=\"decision\" value=\"approve\">Approve</button>\n\
         <button type=\"submit\" name=\"decision\" value=\"deny\">Deny</button>\n</form>",
        client = escape(&authorization.client_id),
        request = escape(request_id),
    );
    page(StatusCode::OK, "Give access", &body)
}

/// A page that says why there is no way on.
pub(super) fn problem(text: &str) -> Response {
    page(StatusCode::BAD_REQUEST, "Error", &format!("<h1>Error</h1>\n<p>{}</p>", escape(text)))
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title} · Test provider</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    );
    (status, [("cache-control", "no-store"), ("referrer-policy", "no-referrer")], Html(html)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
