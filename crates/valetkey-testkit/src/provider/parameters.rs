//! Parameters of a request, wherever they are.

use std::collections::BTreeMap;

use url::form_urlencoded;

/// Parameters of query and body. The body counts where a name is in both.
#[derive(Debug)]
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    pub(super) fn read(query: &str, content_type: Option<&str>, body: &str) -> Self {
        let pairs = |text: &str| -> Vec<(String, String)> {
            form_urlencoded::parse(text.as_bytes())
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect()
        };
        let mut all = pairs(query);
        if content_type.is_some_and(|media| media.starts_with("application/json")) {
            all.extend(serde_json::from_str::<BTreeMap<String, String>>(body).unwrap_or_default());
        } else if content_type.is_some_and(|media| media.starts_with("application/x-www-form-urlencoded")) {
            all.extend(pairs(body));
        }
        Self(all.into_iter().collect())
    }

    /// The value of a parameter that is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

impl<S: Send + Sync> axum::extract::FromRequest<S> for Parameters {
    type Rejection = axum::response::Response;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Self, Self::Rejection> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let content_type = request.headers().get("content-type").and_then(|value| value.to_str().ok());
        let content_type = content_type.map(ToOwned::to_owned);
        let body = String::from_request(request, state)
            .await
            .map_err(axum::response::IntoResponse::into_response)?;
        Ok(Self::read(&query, content_type.as_deref(), &body))
    }
}
