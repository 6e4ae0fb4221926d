//! Finding tools by what a person or a model wants to do.
//!
//! An inverted index with the ranking of Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
//! Beyond" (2009), in its form for several fields (BM25F): a word counts more in a name than in a description, and more
//! the fewer tools have it. Words are reduced to stems; a synonym counts half.

mod index;
mod words;

pub use index::{Hit, Searched, ToolIndex};
