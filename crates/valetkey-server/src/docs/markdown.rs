//! Markdown to HTML. Only Markdown passes: comments and raw HTML are left out.

use std::collections::HashMap;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// A page as HTML.
pub(super) struct Rendered {
    pub(super) html: String,
    pub(super) headings: Vec<Heading>,
}

/// A heading.
pub(super) struct Heading {
    pub(super) level: HeadingLevel,
    pub(super) id: String,
    pub(super) text: String,
}

/// Renders `text`; each link goes through `link`.
pub(super) fn render(text: &str, link: impl Fn(&str) -> String) -> Rendered {
    let mut events: Vec<Event<'_>> = parser(text).collect();
    let headings = identify(&mut events);
    let events = events.into_iter().filter_map(|event| match event {
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = link(&dest_url).into();
            Some(Event::Start(Tag::Link { link_type, dest_url, title, id }))
        }
        Event::Html(_) | Event::InlineHtml(_) => None,
        // What is wider than a phone scrolls by itself, for which it can be focused.
        Event::Start(Tag::CodeBlock(_)) => Some(raw("<pre tabindex=\"0\"><code>")),
        Event::End(TagEnd::CodeBlock) => Some(raw("</code></pre>\n")),
        other => Some(other),
    });
    let mut rendered = String::new();
    html::push_html(&mut rendered, events);
    let rendered = rendered
        .replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>")
        .replace("</table>", "</table></div>");
    Rendered { html: rendered, headings }
}

/// The destinations of all links and pictures, as written.
pub(super) fn links(text: &str) -> Vec<String> {
    let destination = |event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            Some(dest_url.into_string())
        }
        _ => None,
    };
    parser(text).filter_map(destination).collect()
}

/// The text with each link as `link` says.
pub(super) fn with_links(text: &str, link: impl Fn(&str) -> String) -> String {
    let mut done = String::with_capacity(text.len());
    let mut at = 0;
    for (event, range) in parser(text).into_offset_iter() {
        if let Event::Start(Tag::Link { dest_url, .. }) = event
            && let Some(place) = text[range.clone()].rfind(&format!("]({dest_url}"))
        {
            let start = range.start + place + 2;
            if start >= at {
                done.push_str(&text[at..start]);
                done.push_str(&link(&dest_url));
                at = start + dest_url.len();
            }
        }
    }
    done + &text[at..]
}

/// The first heading.
pub(super) fn title(text: &str) -> Option<String> {
    let mut events: Vec<Event<'_>> = parser(text).collect();
    identify(&mut events)
        .into_iter()
        .find(|heading| heading.level == HeadingLevel::H1)
        .map(|heading| heading.text)
}

/// A sentence that is shorter says too little, and goes with the next one.
const MIN_SENTENCE: usize = 24;

/// The first sentence of the first paragraph.
pub(super) fn first_sentence(text: &str) -> String {
    let inside = parser(text)
        .skip_while(|event| !matches!(event, Event::Start(Tag::Paragraph)))
        .take_while(|event| !matches!(event, Event::End(TagEnd::Paragraph)));
    let paragraph = plain(inside);
    match paragraph.match_indices(". ").find(|(end, _)| *end >= MIN_SENTENCE) {
        Some((end, _)) => paragraph[..=end].to_owned(),
        None => paragraph,
    }
}

fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

fn raw(text: &'static str) -> Event<'static> {
    Event::Html(CowStr::Borrowed(text))
}

fn plain<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    events.fold(String::new(), |text, event| match event {
        Event::Text(part) | Event::Code(part) => text + &part,
        Event::SoftBreak => text + " ",
        _ => text,
    })
}

/// Gives each heading the id that code hosts give it.
fn identify(events: &mut [Event<'_>]) -> Vec<Heading> {
    let mut headings: Vec<Heading> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for at in 0..events.len() {
        let Event::Start(Tag::Heading { level, .. }) = events[at] else { continue };
        let inside =
            events[at + 1..].iter().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
        let text = plain(inside.cloned());
        let slug = slug(&text);
        let count = seen.entry(slug.clone()).or_default();
        let unique = if *count == 0 { slug } else { format!("{slug}-{count}") };
        *count += 1;
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[at] {
            *id = Some(unique.clone().into());
        }
        headings.push(Heading { level, id: unique, text });
    }
    headings
}

fn slug(text: &str) -> String {
    let kept = |c: char| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if c.is_alphanumeric() => Some(c),
        _ => None,
    };
    text.to_lowercase().chars().filter_map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        render(text, |link| format!("<{link}>")).html
    }

    #[test]
    fn headings_have_the_ids_of_code_hosts_and_no_id_twice() {
        let headings = render("# A `b.c` (d)\n## At_once\n## At_once", str::to_owned).headings;
        let ids: Vec<_> = headings.iter().map(|heading| heading.id.as_str()).collect();
        assert_eq!(ids, ["a-bc-d", "at_once", "at_once-1"]);
    }

    #[test]
    fn links_go_through_the_caller_and_raw_html_is_left_out() {
        assert_eq!(html("[a](b.md) <b>c</b>"), "<p><a href=\"%3Cb.md%3E\">a</a> c</p>\n");
        assert_eq!(html("<!-- x -->\n<script>alert(1)</script>"), "");
        assert_eq!(html("    <b>"), "<pre tabindex=\"0\"><code>&lt;b&gt;</code></pre>\n");
    }

    #[test]
    fn only_the_destination_of_a_link_is_written_anew() {
        let text = "See [b.md](b.md#x) and [c](https://c.example), `[d](d.md)`.";
        let done = with_links(text, |link| format!("/{link}"));
        assert_eq!(done, "See [b.md](/b.md#x) and [c](/https://c.example), `[d](d.md)`.");
    }

    #[test]
    fn a_page_is_described_by_its_first_sentence() {
        let text = "# T\n\nShort. One `two` three\nfour, five and six. Seven.";
        assert_eq!(first_sentence(text), "Short. One two three four, five and six.");
        assert_eq!(title("text\n\n# T `u`").as_deref(), Some("T u"));
    }
}
