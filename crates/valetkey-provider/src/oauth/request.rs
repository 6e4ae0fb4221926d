//! Requests to the endpoints of an authorization server that are about tokens: how they are put together and sent.

use std::collections::BTreeMap;

use http::{HeaderValue, header};
use url::Url;
use valetkey_core::{
    Secret,
    connector::{BodyFormat, Method, Template},
};

use super::{
    answer::RawAnswer,
    error::{TokenError, Unusable},
    parameters::Parameters,
};
use crate::{
    Fields,
    check::http_method,
    egress::{Answer, EgressClient, EgressError, Outcome, Purpose, Request, Sent},
    scheme::{header_name, header_value},
    url_template::render_url,
};

pub(super) const FORM: &str = "application/x-www-form-urlencoded";
pub(super) const JSON: &str = "application/json";

/// What templates of a request may name.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    pub(super) client_id: &'a str,
    pub(super) fields: &'a Fields,
    /// Only where the definition may name it.
    pub(super) access_token: Option<&'a Secret>,
}

impl<'a> Values<'a> {
    /// Fields and the client id, as most requests have them.
    pub(super) const fn new(client_id: &'a str, fields: &'a Fields) -> Self {
        Self { client_id, fields, access_token: None }
    }

    pub(super) fn render(self, template: &Template) -> Result<String, TokenError> {
        let value = |name: &str| -> Option<&'a str> {
            match name {
                "client_id" => Some(self.client_id),
                "access_token" if self.access_token.is_some() => self.access_token.map(Secret::expose),
                _ => self.fields.get(name).map(String::as_str),
            }
        };
        template.render(value).map_err(TokenError::setup)
    }
}

/// What a request is put together from.
pub(super) struct Draft<'a> {
    pub(super) purpose: Purpose,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) body: BodyFormat,
    pub(super) parameters: Parameters<'a>,
    pub(super) headers: &'a BTreeMap<String, Template>,
    /// The one value of the `authorization` header, which the definition cannot replace.
    pub(super) authorization: Option<HeaderValue>,
}

impl Draft<'_> {
    /// The request. Parameters of a GET are in its query whatever the body format.
    pub(super) fn into_request(self, values: Values<'_>) -> Result<Request, TokenError> {
        let mut request =
            self.with_parameters().header(header::ACCEPT, HeaderValue::from_static("application/json"));
        for (name, template) in self.headers {
            let value = values.render(template)?;
            let name = header_name(name).map_err(TokenError::setup)?;
            let value = header_value(name.as_str(), &value).map_err(TokenError::setup)?;
            request = request.header(name, value);
        }
        Ok(self
            .authorization
            .into_iter()
            .fold(request, |request, value| request.header(header::AUTHORIZATION, value)))
    }

    fn with_parameters(&self) -> Request {
        let (method, mut url) = (http_method(self.method), self.url.clone());
        if self.parameters.is_empty() {
            return Request::new(self.purpose, method, url);
        }
        let request = |url| Request::new(self.purpose, method, url);
        match self.body {
            BodyFormat::Query => {}
            BodyFormat::Form | BodyFormat::Json if self.method == Method::Get => {}
            BodyFormat::Form => return request(url).body(FORM, self.parameters.form()),
            BodyFormat::Json => return request(url).body(JSON, self.parameters.json()),
        }
        let query = match url.query() {
            Some(present) if !present.is_empty() => format!("{present}&{}", self.parameters.query()),
            _ => self.parameters.query(),
        };
        url.set_query(Some(&query));
        request(url)
    }
}

/// The address, with the token where that belongs into the path.
pub(super) fn render_with_token(
    template: &Template,
    values: Values<'_>,
    token: Option<&Secret>,
) -> Result<Url, TokenError> {
    let mut fields = values.fields.clone();
    fields.insert("client_id".into(), values.client_id.to_owned());
    if let Some(token) = token {
        fields.insert("token".into(), token.expose().to_owned());
    }
    render_url(template, &fields).map_err(TokenError::setup)
}

/// Adds the further parameters of a definition.
pub(super) fn add_further(
    parameters: &mut Parameters<'_>,
    further: &BTreeMap<String, Template>,
    values: Values<'_>,
) -> Result<(), TokenError> {
    for (name, template) in further {
        parameters.further(name, values.render(template)?).map_err(TokenError::setup)?;
    }
    Ok(())
}

/// Sends a request once: redirects are refused, failures get their class.
pub(super) async fn send(client: &EgressClient, request: Request) -> Result<Answer, TokenError> {
    let error = match client.send(request).await {
        Ok(Outcome::Answered(answer)) => return Ok(answer),
        Ok(Outcome::Redirected(answer)) => {
            let target = answer.header(&header::LOCATION).and_then(|to| Url::parse(to).ok());
            let host = target.as_ref().and_then(Url::host_str).unwrap_or("the same host").to_owned();
            return Err(Unusable::Redirected(host).into());
        }
        Err(EgressError::TooLarge { limit, .. }) => return Err(Unusable::TooLarge { limit }.into()),
        Err(error) => error,
    };
    Err(match error.sent() {
        Sent::Maybe => TokenError::Unknown { reason: error.to_string() },
        Sent::No if error.is_transient() => {
            TokenError::Transient { reason: error.to_string(), retry_after: None, sent: Sent::No }
        }
        Sent::No => TokenError::setup(error),
    })
}

impl Answer {
    /// The parts that are read.
    pub(super) fn raw(&self) -> RawAnswer<'_> {
        RawAnswer { status: self.status.as_u16(), headers: &self.headers, body: &self.body }
    }
}
