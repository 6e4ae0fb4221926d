//! The token endpoint: client credentials (RFC 6749 §4.4). Clients authenticate in the body (§2.3.1).

use axum::{
    Form, Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;
use valetkey_app::App;
use valetkey_core::{Secret, error_code::ErrorCode};

/// The parameters. Any `Authorization` header is ignored, because published clients send an old token there.
#[derive(Deserialize)]
pub(super) struct Parameters {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<Secret>,
}

pub(super) async fn token(
    State(app): State<App>,
    form: Result<Form<Parameters>, axum::extract::rejection::FormRejection>,
) -> Response {
    let Ok(Form(parameters)) = form else {
        return refuse(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "send the parameters form-encoded in the body",
        );
    };
    match parameters.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => {
            return refuse(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "grant_type must be client_credentials",
            );
        }
        None => return refuse(StatusCode::BAD_REQUEST, "invalid_request", "grant_type is missing"),
    }
    let (Some(id), Some(secret)) = (parameters.client_id, parameters.client_secret) else {
        return refuse(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "client_id and client_secret are needed in the body",
        );
    };
    let issued = match app.authenticate_client(&id, &secret).await {
        Ok(client) => app.issue_token(&client).await,
        Err(error) => Err(error),
    };
    match issued {
        Ok(issued) => {
            let body = json!({
                "access_token": issued.access_token.expose(),
                "token_type": "Bearer",
                "expires_in": issued.expires_in,
            });
            (no_store(), Json(body)).into_response()
        }
        Err(error) if error.code == ErrorCode::Unauthenticated => {
            refuse(StatusCode::UNAUTHORIZED, "invalid_client", &error.message)
        }
        Err(error) => {
            let status = crate::error::wire::http_status(crate::error::status_of(error).code());
            refuse(status, "server_error", "the token could not be issued; see the server's log")
        }
    }
}

fn no_store() -> HeaderMap {
    [(header::CACHE_CONTROL, "no-store".parse()), (header::PRAGMA, "no-cache".parse())]
        .into_iter()
        .filter_map(|(name, value)| value.ok().map(|value| (name, value)))
        .collect()
}

fn refuse(status: StatusCode, error: &str, description: &str) -> Response {
    (status, no_store(), Json(json!({ "error": error, "error_description": description }))).into_response()
}
