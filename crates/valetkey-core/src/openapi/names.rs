//! Names of connectors, tools, inputs and files.

use std::collections::BTreeSet;

use heck::ToSnakeCase;

/// The longest name of a tool, in characters.
const TOOL: usize = 64;

/// The longest name of an input, in characters; what models accept.
const INPUT: usize = 64;

/// The longest slug, so that the names of tools have room beside it.
pub(super) const SLUG: usize = 32;

/// Words in lower case with `_` between them.
pub(super) fn snake(text: &str) -> String {
    let ascii: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    ascii.to_snake_case()
}

/// Words for people.
pub(super) fn words(text: &str) -> String {
    snake(text).replace('_', " ")
}

/// A slug made of a title; empty where the title has no letters that fit.
pub(super) fn slug(title: &str) -> String {
    let kept = snake(title);
    let kept = kept
        .split('_')
        .filter(|word| !matches!(*word, "api" | "rest" | "open" | "openapi" | "swagger" | "the"));
    let whole: String = kept.collect();
    let whole = if whole.is_empty() { snake(title).replace('_', "") } else { whole };
    whole.chars().take(SLUG).collect()
}

/// Names that are given once each.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// The name of a tool: the slug and what is done.
    pub(super) fn tool(&mut self, slug: &str, action: &str) -> String {
        let prefix = slug.replace('-', "_");
        let action = snake(action);
        let repeated = action.strip_prefix(&format!("{prefix}_")).map(str::to_owned);
        let action = repeated.filter(|rest| !rest.is_empty()).unwrap_or(action);
        let action = if action.is_empty() { "call".to_owned() } else { action };
        self.unique(&format!("{prefix}_{action}"), TOOL)
    }

    /// The name of an input that stands for `name` at `place`, which is part of the name where another has it already.
    pub(super) fn input(&mut self, name: &str, place: &str) -> String {
        let fine = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
        let name: String = name.replace(['[', '.'], "_").replace(']', "").chars().map(fine).collect();
        let name = name.trim_matches('_');
        let name = if name.is_empty() { place } else { name };
        // A placeholder that starts with "account" names a field of the account.
        let reserved = matches!(name, "account" | "item");
        let free = name.len() <= INPUT && !reserved && !self.taken.contains(name);
        if free {
            return self.unique(name, INPUT);
        }
        self.unique(&format!("{place}_{name}"), INPUT)
    }

    fn unique(&mut self, wanted: &str, limit: usize) -> String {
        let mut name = cut(wanted, limit);
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            let suffix = format!("_{number}");
            name = format!("{}{suffix}", cut(wanted, limit - suffix.len()));
            number += 1;
        }
        name
    }
}

/// At most `limit` characters, without the rest of a word that was cut.
fn cut(name: &str, limit: usize) -> String {
    if name.len() <= limit {
        return name.to_owned();
    }
    let short = &name[..limit];
    let end = short.rfind('_').filter(|end| *end > limit / 2).unwrap_or(limit);
    short[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_named_after_its_operation_within_64_characters_and_once() {
        let mut names = Names::default();
        assert_eq!(names.tool("pets", "listPets"), "pets_list_pets");
        assert_eq!(names.tool("pets", "list-pets"), "pets_list_pets_2");
        assert_eq!(names.tool("pets", "pets/get"), "pets_get");
        let long = "get the record of each single animal that was ever seen at all";
        let first = names.tool("pets", long);
        let second = names.tool("pets", long);
        assert!(first.len() <= 64 && second.len() <= 64 && first != second, "{first} {second}");
    }

    #[test]
    fn an_input_keeps_its_name_unless_another_has_it() {
        let mut names = Names::default();
        assert_eq!(names.input("id", "path"), "id");
        assert_eq!(names.input("id", "body"), "body_id");
        assert_eq!(names.input("created[gte]", "query"), "created_gte");
        assert_eq!(names.input("account", "query"), "query_account");
        assert_eq!(names.input("$", "query"), "query");
    }

    #[test]
    fn a_slug_is_made_of_the_words_of_a_title() {
        assert_eq!(slug("Swagger Petstore - OpenAPI 3.0"), "petstore30");
        assert_eq!(slug("The API"), "theapi");
    }
}
