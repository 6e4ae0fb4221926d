//! What is in a page.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A block of code.
#[derive(Debug)]
pub(super) struct Block {
    /// The line that it begins on, from 1.
    pub(super) line: usize,
    /// What follows the fence; absent for a block that is indented.
    pub(super) info: Option<String>,
    pub(super) text: String,
}

impl Block {
    /// The language: the first word after the fence.
    pub(super) fn language(&self) -> &str {
        self.info.as_deref().unwrap_or_default().split(' ').next().unwrap_or_default()
    }

    /// Why it is not run, where it says so.
    pub(super) fn not_run(&self) -> Option<&str> {
        self.info.as_deref()?.strip_prefix("sh no-run").map(|reason| reason.trim_start_matches(':').trim())
    }
}

pub(super) fn parser(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES)
}

/// All blocks of code, in order.
pub(super) fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (event, range) in parser(markdown).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => Some(info.into_string()),
                    CodeBlockKind::Indented => None,
                };
                let line = markdown[..range.start].matches('\n').count() + 1;
                open = Some(Block { line, info, text: String::new() });
            }
            Event::Text(text) => {
                if let Some(block) = &mut open {
                    block.text.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}
