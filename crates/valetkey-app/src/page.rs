//! Pages of a list, by key and not by offset, so that the last page is as fast as the first.

pub use valetkey_store::{Page, PageRequest};
