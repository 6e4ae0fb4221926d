//! The routes.

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    extract::{Path, State},
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, VARY},
    },
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;

use super::{
    address::is_page,
    export::{MARKDOWN, PLAIN, XML},
    library::{INDEX, page},
    lists,
    page::Page,
    view::PageView,
};
use crate::hosted::{Site, page as html, protect};

/// Pages change with the version of the server only.
const CACHING: &str = "public, max-age=300";

/// What programs read to find pages, written when it is first asked for: it takes longer than a page.
#[derive(Clone)]
struct Lists {
    origin: Arc<str>,
    written: Arc<[OnceLock<Bytes>; 3]>,
}

impl Lists {
    /// The list at a place, in the form that `write` gives it for an origin.
    fn get(&self, place: usize, write: fn(&str) -> String) -> Bytes {
        self.written[place].get_or_init(|| write(&self.origin).into()).clone()
    }
}

/// The documentation of a server that is reached at `site`.
pub(crate) fn router(site: Site) -> Router {
    let lists = Lists { origin: site.origin().into(), written: Arc::default() };
    Router::new()
        .route("/docs", get(index))
        .route("/docs/", get(index))
        .route("/docs/{*path}", get(show))
        .route("/llms.txt", get(llms))
        .route("/llms-full.txt", get(llms_full))
        .route("/sitemap.xml", get(sitemap))
        .layer(from_fn_with_state(site, protect))
        .with_state(lists)
}

async fn index(headers: HeaderMap) -> Response {
    found(page(INDEX), &headers)
}

async fn show(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let path = path.trim_end_matches('/');
    if is_page(path) {
        return page(path).map_or_else(missing, markdown);
    }
    let found_at = page(&format!("{path}.md")).or_else(|| page(&format!("{path}/README.md")));
    found(found_at, &headers)
}

fn found(page: Option<&'static Page>, headers: &HeaderMap) -> Response {
    let Some(page) = page else { return missing() };
    if prefers_markdown(headers) {
        return markdown(page);
    }
    let mut response = html(StatusCode::OK, &PageView::of(page));
    response.headers_mut().extend(caching());
    response
}

/// Whether Markdown is asked for before HTML, as agents do that read pages.
fn prefers_markdown(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.find("text/markdown").is_some_and(|at| !accept[..at].contains("text/html"))
}

fn markdown(page: &'static Page) -> Response {
    text(MARKDOWN, page.markdown)
}

fn missing() -> Response {
    html(StatusCode::NOT_FOUND, &PageView::missing())
}

async fn llms(State(lists): State<Lists>) -> Response {
    text(PLAIN, lists.get(0, lists::llms))
}

async fn llms_full(State(lists): State<Lists>) -> Response {
    text(PLAIN, lists.get(1, lists::llms_full))
}

async fn sitemap(State(lists): State<Lists>) -> Response {
    text(XML, lists.get(2, lists::sitemap))
}

fn text(media_type: &'static str, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    response.headers_mut().extend(caching());
    response.headers_mut().insert(CONTENT_TYPE, axum::http::HeaderValue::from_static(media_type));
    response
}

fn caching() -> HeaderMap {
    [(CACHE_CONTROL, CACHING), (VARY, "accept")]
        .into_iter()
        .map(|(name, value)| (name, axum::http::HeaderValue::from_static(value)))
        .collect()
}
