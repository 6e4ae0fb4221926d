//! Pages on the wire.

use valetkey_app::page::PageRequest;

/// The page that a request asks for; `default` rows where it names no size.
pub(super) fn request(size: u32, token: String, default: u32) -> PageRequest {
    PageRequest { size: if size == 0 { default } else { size }, token: Some(token) }
}

/// A count on the wire.
pub(super) fn total(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
