//! Pages on the wire.

use valetkey_app::page::{Page, PageRequest};

/// The page that a request asks for; `default` rows where it names no size.
pub(super) fn request(size: u32, token: String, default: u32) -> PageRequest {
    PageRequest { size: if size == 0 { default } else { size }, token: Some(token) }
}

/// How many there are, and the tokens of the pages after and before this one.
pub(super) fn tokens<T>(page: &Page<T>) -> (u32, String, String) {
    let total = u32::try_from(page.total).unwrap_or(u32::MAX);
    (total, page.next.clone().unwrap_or_default(), page.previous.clone().unwrap_or_default())
}
