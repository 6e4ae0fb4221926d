//! Going from page to page.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use url::{Origin, Position, Url, form_urlencoded};
use valetkey_provider::egress::{
    Answer, EgressClient, EgressOptions, EgressPolicy, InvalidCa, Outcome, Purpose, Request,
};

use super::{BrowserError, Form, Page, cookies::Jar, html, page::Button};

const MAX_REDIRECTS: usize = 20;
const FORM: &str = "application/x-www-form-urlencoded";

/// A browser with its own cookies.
pub struct Browser {
    client: EgressClient,
    jar: Jar,
    page: Option<Page>,
    redirects: Vec<Url>,
    /// A navigation ends before an address that contains this.
    stop: Option<String>,
    /// A navigation ends before an address of another origin; empty for all.
    stay: Vec<Origin>,
}

/// One step of a navigation.
struct Step {
    method: Method,
    url: Url,
    body: Option<String>,
}

impl Browser {
    /// A browser without cookies, which trusts `extra_ca_pem` besides the public certificates.
    pub fn new(extra_ca_pem: Option<String>) -> Result<Self, InvalidCa> {
        let local = ["127.0.0.0/8", "::1", "localhost"].into_iter().filter_map(|entry| entry.parse().ok());
        let policy =
            local.fold(EgressPolicy::public_only(), |policy, entry| policy.allow(Purpose::Api, entry));
        let client = EgressClient::new(EgressOptions { policy, extra_ca_pem, ..EgressOptions::default() })?;
        Ok(Self {
            client,
            jar: Jar::default(),
            page: None,
            redirects: Vec::new(),
            stop: None,
            stay: Vec::new(),
        })
    }

    /// Opens an address of this machine and follows redirects.
    pub async fn get(&mut self, url: &str) -> Result<&Page, BrowserError> {
        let url = self.resolve(url)?;
        self.go(Step { method: Method::GET, url, body: None }).await
    }

    /// Fills in `fields` of the form that has the button `button` (label or value) and presses it.
    pub async fn submit(&mut self, button: &str, fields: &[(&str, &str)]) -> Result<&Page, BrowserError> {
        let page = self.page()?;
        let found = page.forms.iter().find_map(|form| form.button(button).map(|pressed| (form, pressed)));
        let (form, pressed) = found.ok_or_else(|| no_button(page, button))?;
        let data = fill(page, form, pressed, fields)?;
        let action = if pressed.action.is_empty() { &form.action } else { &pressed.action };
        let mut url = if action.is_empty() { page.url.clone() } else { self.resolve(action)? };
        let step = if form.method == "post" {
            Step { method: Method::POST, url, body: Some(data) }
        } else {
            url.set_query(Some(&data));
            Step { method: Method::GET, url, body: None }
        };
        self.go(step).await
    }

    /// Follows the link whose text contains `text`.
    pub async fn follow(&mut self, text: &str) -> Result<&Page, BrowserError> {
        let page = self.page()?;
        let link = page.links.iter().find(|link| link.text.to_lowercase().contains(&text.to_lowercase()));
        let link =
            link.ok_or_else(|| BrowserError::NoLink { page: shown(&page.url), wanted: text.to_owned() })?;
        let url = self.resolve(&link.href)?;
        self.go(Step { method: Method::GET, url, body: None }).await
    }

    /// From now on navigations end before an address that contains `part`, which is then the last of
    /// [`Browser::redirects`]; `None` follows every redirect again.
    pub fn stop_before(&mut self, part: Option<&str>) {
        self.stop = part.map(ToOwned::to_owned);
    }

    /// From now on navigations end before an address of another origin, which is then the last of
    /// [`Browser::redirects`].
    pub fn stay_within(&mut self, origins: Vec<Origin>) {
        self.stay = origins;
    }

    /// The open page.
    pub fn page(&self) -> Result<&Page, BrowserError> {
        self.page.as_ref().ok_or(BrowserError::NoPage)
    }

    /// The address of the open page.
    pub fn url(&self) -> Option<&Url> {
        self.page.as_ref().map(|page| &page.url)
    }

    /// The text of the open page; empty where none is open.
    pub fn text(&self) -> &str {
        self.page.as_ref().map_or("", |page| &page.text)
    }

    /// The addresses that the last navigation was redirected to, in order.
    pub fn redirects(&self) -> &[Url] {
        &self.redirects
    }

    /// The value of a cookie that would be sent to `url`.
    pub fn cookie(&self, url: &Url, name: &str) -> Option<&str> {
        self.jar.value(url, name)
    }

    fn resolve(&self, url: &str) -> Result<Url, BrowserError> {
        let parsed = match &self.page {
            Some(page) => page.url.join(url),
            None => Url::parse(url),
        };
        parsed.map_err(|_| BrowserError::Address(url.split('?').next().unwrap_or_default().to_owned()))
    }

    async fn go(&mut self, mut step: Step) -> Result<&Page, BrowserError> {
        self.redirects.clear();
        let origin = self.page.as_ref().map(|page| page.url.origin());
        loop {
            let url = step.url.clone();
            let outcome = self.client.send(self.request(&step, origin.as_ref())).await?;
            let redirect = match &outcome {
                Outcome::Redirected(answer) => answer.header(&header::LOCATION).map(ToOwned::to_owned),
                Outcome::Answered(answer) => refresh(answer),
            };
            let answer = outcome.into_answer();
            for cookie in answer.headers.get_all(header::SET_COOKIE) {
                self.jar.set(&url, cookie.to_str().unwrap_or_default());
            }
            let Some(location) = redirect else { return Ok(self.page.insert(page(url, &answer))) };
            let next = url.join(&location).map_err(|_| BrowserError::Address(location))?;
            if self.redirects.len() == MAX_REDIRECTS {
                return Err(BrowserError::TooManyRedirects { limit: MAX_REDIRECTS, to: shown(&next) });
            }
            self.redirects.push(next.clone());
            if self.stops_before(&next) {
                return Ok(self.page.insert(page(url, &answer)));
            }
            let keeps = matches!(answer.status.as_u16(), 307 | 308);
            step = if keeps {
                Step { url: next, ..step }
            } else {
                Step { method: Method::GET, url: next, body: None }
            };
        }
    }

    fn stops_before(&self, next: &Url) -> bool {
        let elsewhere = !self.stay.is_empty() && !self.stay.contains(&next.origin());
        elsewhere || self.stop.as_ref().is_some_and(|part| next.as_str().contains(part))
    }

    fn request(&self, step: &Step, origin: Option<&url::Origin>) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html,*/*;q=0.8"));
        if let Some(cookies) = self.jar.header(&step.url).and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(header::COOKIE, cookies);
        }
        let site = match origin {
            None => "none",
            Some(origin) if *origin == step.url.origin() => "same-origin",
            Some(_) => "cross-site",
        };
        headers.insert(HeaderName::from_static("sec-fetch-site"), HeaderValue::from_static(site));
        if step.method == Method::POST
            && let Some(origin) = origin
            && let Ok(value) = HeaderValue::from_str(&origin.ascii_serialization())
        {
            headers.insert(header::ORIGIN, value);
        }
        let request = Request::new(Purpose::Api, step.method.clone(), step.url.clone());
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(name.clone(), value.clone()));
        match &step.body {
            Some(body) => request.body(FORM, body.clone()),
            None => request,
        }
    }
}

/// Where the `Refresh` header takes the browser at once (HTML standard, "shared declarative refresh steps").
fn refresh(answer: &Answer) -> Option<String> {
    answer.header(&header::REFRESH)?.strip_prefix("0;url=").map(ToOwned::to_owned)
}

fn page(url: Url, answer: &Answer) -> Page {
    let source = String::from_utf8_lossy(&answer.body).into_owned();
    let html::Document { title, text, links, forms, .. } = html::read(&source);
    let (status, headers) = (answer.status.as_u16(), answer.headers.clone());
    Page { url, status, headers, source, title, text, links, forms }
}

/// The data that a form sends, url-encoded.
fn fill(page: &Page, form: &Form, pressed: &Button, given: &[(&str, &str)]) -> Result<String, BrowserError> {
    for (name, value) in given {
        let field = form.field(name).ok_or_else(|| BrowserError::NoField {
            page: shown(&page.url),
            wanted: (*name).to_owned(),
            present: form.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", "),
        })?;
        if !field.choices.is_empty() && !field.choices.iter().any(|choice| choice == value) {
            let (field, value) = ((*name).to_owned(), (*value).to_owned());
            return Err(BrowserError::NoChoice { page: shown(&page.url), field, value });
        }
    }
    let value = |name: &str| given.iter().find(|(wanted, _)| *wanted == name).map(|(_, value)| *value);
    let fields = form.fields.iter().filter(|field| !field.name.is_empty());
    let fields = fields
        .filter_map(|field| Some((field.name.as_str(), value(&field.name).or(field.value.as_deref())?)));
    let button = (!pressed.name.is_empty()).then_some((pressed.name.as_str(), pressed.value.as_str()));
    Ok(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields.chain(button)).finish())
}

fn no_button(page: &Page, wanted: &str) -> BrowserError {
    let labels = page.forms.iter().flat_map(|form| &form.buttons).map(|button| button.label.as_str());
    BrowserError::NoButton {
        page: shown(&page.url),
        wanted: wanted.to_owned(),
        present: labels.collect::<Vec<_>>().join(", "),
    }
}

/// An address without its query.
fn shown(url: &Url) -> String {
    url[..Position::AfterPath].to_owned()
}
