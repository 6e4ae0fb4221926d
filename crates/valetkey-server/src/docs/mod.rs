//! The documentation, from the pages of `docs/`, which are embedded.
//!
//! | path | what |
//! |---|---|
//! | `GET /docs` | the index, `docs/README.md` |
//! | `GET /docs/how-to/operate` | a page; as Markdown where `accept` prefers `text/markdown` |
//! | `GET /docs/how-to/operate.md` | the same page as Markdown, at its path in the repository |
//! | `GET /llms.txt`, `GET /llms-full.txt` | an index for language models (<https://llmstxt.org>), and all pages in one file |
//! | `GET /sitemap.xml` | the addresses of all pages (<https://www.sitemaps.org/protocol.html>) |
//!
//! The index is the navigation: each of its sections is one, and each list item is a link with a note. A folder with a
//! `README.md` of its own, such as the errors, lists its pages there. [`files`] are the same pages for a host of static
//! files.

mod address;
mod export;
mod index;
mod library;
mod lists;
mod markdown;
mod page;
mod serve;
#[cfg(test)]
mod tests;
mod view;

pub use export::{File, files};
pub use library::{page, pages};
pub use page::Page;
pub(crate) use serve::router;
