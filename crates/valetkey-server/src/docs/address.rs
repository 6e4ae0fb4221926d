//! Paths of pages in the repository, and their addresses.

/// The folder of all pages, as a path of the site.
pub(super) const ROOT: &str = "/docs";

/// The page at `path` of `docs/` as a path of the site: without `.md`, and a `README.md` is its folder.
pub(super) fn of_page(path: &str) -> String {
    let name = path.strip_suffix(".md").unwrap_or(path);
    match name.strip_suffix("README").map(|folder| folder.trim_end_matches('/')) {
        Some("") => ROOT.to_owned(),
        Some(folder) => format!("{ROOT}/{folder}"),
        None => format!("{ROOT}/{name}"),
    }
}

/// The Markdown of the page at `path`, as a path of the site.
pub(super) fn of_markdown(path: &str) -> String {
    format!("{ROOT}/{path}")
}

/// What a link in the page `from` names: a path of `docs/` and a fragment. `None` where it leads out of the folder, by
/// a scheme, an absolute path or too many `..`.
pub(super) fn resolve<'a>(from: &str, link: &'a str) -> Option<(String, Option<&'a str>)> {
    let (path, fragment) = match link.split_once('#') {
        Some((path, fragment)) => (path, Some(fragment)),
        None => (link, None),
    };
    if path.is_empty() {
        return Some((from.to_owned(), fragment));
    }
    if path.starts_with('/') || path.contains(':') {
        return None;
    }
    let mut segments: Vec<&str> = from.split('/').collect();
    segments.pop();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()?),
            name => segments.push(name),
        }
    }
    Some((segments.join("/"), fragment))
}

/// Whether a path is that of Markdown.
pub(super) fn is_page(path: &str) -> bool {
    path.strip_suffix(".md").is_some()
}

/// Where a link in the page `from` leads on the site.
pub(super) fn of_link(from: &str, link: &str) -> String {
    match resolve(from, link) {
        Some((path, fragment)) if is_page(&path) => with_fragment(of_page(&path), fragment),
        Some((path, _)) if path == "openapi.json" => "/openapi.json".to_owned(),
        _ => link.to_owned(),
    }
}

/// Where a link in the page `from` leads, as the address of Markdown on the site at `origin`.
pub(super) fn of_markdown_link(origin: &str, from: &str, link: &str) -> String {
    match resolve(from, link) {
        Some((path, fragment)) if is_page(&path) => {
            with_fragment(format!("{origin}{}", of_markdown(&path)), fragment)
        }
        Some((path, _)) if path == "openapi.json" => format!("{origin}/openapi.json"),
        _ => link.to_owned(),
    }
}

fn with_fragment(address: String, fragment: Option<&str>) -> String {
    match fragment {
        Some(fragment) => format!("{address}#{fragment}"),
        None => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_the_address_of_its_file_and_a_readme_that_of_its_folder() {
        for (path, address) in [
            ("README.md", "/docs"),
            ("errors/README.md", "/docs/errors"),
            ("errors/CONFLICT.md", "/docs/errors/CONFLICT"),
            ("adding.md", "/docs/adding"),
        ] {
            assert_eq!(of_page(path), address);
        }
    }

    #[test]
    fn links_between_pages_lead_to_pages_and_others_stay() {
        for (from, link, address) in [
            ("README.md", "how-to/operate.md", "/docs/how-to/operate"),
            ("how-to/operate.md", "../reference/states.md#x", "/docs/reference/states#x"),
            ("how-to/operate.md", "../errors/README.md", "/docs/errors"),
            ("how-to/operate.md", "#by-state", "/docs/how-to/operate#by-state"),
            ("reference/api/README.md", "../../openapi.json", "/openapi.json"),
            ("README.md", "https://example.com/a.md", "https://example.com/a.md"),
            ("README.md", "../LICENSE", "../LICENSE"),
        ] {
            assert_eq!(of_link(from, link), address);
        }
        let markdown = of_markdown_link("https://v.example", "how-to/operate.md", "../README.md");
        assert_eq!(markdown, "https://v.example/docs/README.md");
    }
}
