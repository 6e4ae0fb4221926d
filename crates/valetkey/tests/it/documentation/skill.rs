//! The skill and the plugin manifests keep to the rules of those who read them: <https://agentskills.io/specification>,
//! <https://code.claude.com/docs/en/plugins-reference>,
//! <https://docs.github.com/en/copilot/reference/copilot-cli-reference/cli-plugin-reference>,
//! <https://developers.openai.com/codex/plugins/build>.

use std::{fs, path::PathBuf};

use pulldown_cmark::{Event, Tag};
use serde_json::Value;
use valetkey_core::error_code::ErrorCode;
use valetkey_server::docs::page;

use super::text::{blocks, parser};
use crate::valetkey::repository;

const SKILL: &str = "plugins/valetkey/skills/valetkey";

/// Marketplaces by the agent that reads them.
const MARKETPLACES: [(&str, &str); 3] = [
    ("Claude Code", ".claude-plugin/marketplace.json"),
    ("GitHub Copilot CLI", ".github/plugin/marketplace.json"),
    ("Codex", ".agents/plugins/marketplace.json"),
];

/// Where each agent looks for the manifest in the folder of the plugin.
const MANIFESTS: [&str; 3] = [".claude-plugin/plugin.json", "plugin.json", ".codex-plugin/plugin.json"];

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn json(path: &str) -> Value {
    read(path).parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Lower-case letters, digits and single hyphens inside, at most 64 characters.
fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty()
        && name.len() <= 64
        && name.chars().all(allowed)
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

/// Front matter and text of the skill.
fn skill() -> (Value, String) {
    let text = read(&format!("{SKILL}/SKILL.md"));
    let (front, body) = text.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
    (serde_saphyr::from_str(front).unwrap(), body.to_owned())
}

/// The Markdown files of the skill, relative to its folder.
fn files() -> Vec<String> {
    let references = fs::read_dir(repository().join(SKILL).join("references")).unwrap();
    let names =
        references.map(|entry| format!("references/{}", entry.unwrap().file_name().to_str().unwrap()));
    ["SKILL.md".to_owned()].into_iter().chain(names).collect()
}

#[test]
fn the_front_matter_of_the_skill_keeps_to_the_specification() {
    let (front, body) = skill();
    let text = |key: &str| front[key].as_str().unwrap_or_default().to_owned();
    assert!(is_name(&text("name")));
    assert!(SKILL.ends_with(&format!("/{}", text("name"))), "the name is that of the folder");
    assert!((1..=1024).contains(&text("description").chars().count()));
    assert!((1..=500).contains(&text("compatibility").chars().count()));
    let known = ["name", "description", "license", "compatibility", "metadata", "allowed-tools"];
    assert!(front.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())));
    assert!(front["metadata"].as_object().unwrap().values().all(Value::is_string));
    assert!(body.lines().count() < 500, "the rest belongs into references/");
}

#[test]
fn each_file_that_the_skill_names_is_there_and_each_that_is_there_is_named() {
    let mut named: Vec<String> = vec!["SKILL.md".to_owned()];
    for event in parser(&skill().1) {
        if let Event::Start(Tag::Link { dest_url, .. }) = event {
            assert!(repository().join(SKILL).join(&*dest_url).is_file(), "{dest_url}");
            named.push(dest_url.into_string());
        }
    }
    for file in files() {
        assert!(named.contains(&file), "SKILL.md does not say when to read {file}");
    }
}

#[test]
fn the_blocks_of_the_skill_say_what_they_are_and_their_tests_are_known() {
    for file in files() {
        for block in blocks(&read(&format!("{SKILL}/{file}"))) {
            // sh is run by the tests beside this one, python and ts by tests/clients.
            let expected = match file.as_str() {
                "references/rest.md" => ["sh", "output"].as_slice(),
                "references/python.md" => &["python"],
                "references/typescript.md" => &["ts"],
                _ => &[],
            };
            assert!(expected.contains(&block.language()), "{file}:{}", block.line);
        }
    }
}

#[test]
fn the_skill_says_what_to_do_about_each_error_and_names_none_that_there_is_not() {
    let text = read(&format!("{SKILL}/references/errors.md"));
    let codes: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    for code in text.split('`').skip(1).step_by(2).filter(|code| *code == code.to_uppercase()) {
        assert!(codes.contains(&code), "{code} is no error code");
    }
    for code in ["ACCOUNT_NOT_ACTIVE", "SCOPE_MISSING", "TOOL_ERROR", "RATE_LIMITED"] {
        assert!(text.contains(code) && page(&format!("errors/{code}.md")).is_some());
    }
}

/// The folder of the only plugin of a marketplace.
fn source(marketplace: &Value) -> PathBuf {
    let plugin = &marketplace["plugins"][0];
    let path = plugin["source"].as_str().or_else(|| plugin["source"]["path"].as_str()).unwrap();
    assert!(path.starts_with("./") && !path.contains(".."), "{path}");
    repository().join(path).canonicalize().unwrap()
}

#[test]
fn s203_s204_s205_each_marketplace_has_what_its_agent_asks_for_and_leads_to_the_plugin() {
    for (agent, path) in MARKETPLACES {
        let marketplace = json(path);
        assert!(is_name(marketplace["name"].as_str().unwrap()), "{agent}");
        let plugins = marketplace["plugins"].as_array().unwrap();
        assert_eq!(plugins.len(), 1, "{agent}");
        assert!(is_name(plugins[0]["name"].as_str().unwrap()), "{agent}");
        assert!(source(&marketplace).join("skills/valetkey/SKILL.md").is_file(), "{agent}");
        if agent == "Codex" {
            let policy = &plugins[0]["policy"];
            assert_eq!(
                (&policy["installation"], &policy["authentication"]),
                (&"AVAILABLE".into(), &"ON_INSTALL".into())
            );
            assert!(
                plugins[0]["category"].is_string() && marketplace["interface"]["displayName"].is_string()
            );
        } else {
            assert!(marketplace["owner"]["name"].is_string(), "{agent}");
            assert_eq!(plugins[0]["version"], env!("CARGO_PKG_VERSION"), "{agent}");
        }
    }
}

#[test]
fn s203_s204_s205_each_manifest_names_the_plugin_and_paths_inside_of_it() {
    let folder = "plugins/valetkey";
    for manifest in MANIFESTS {
        let plugin = json(&format!("{folder}/{manifest}"));
        assert_eq!(plugin["name"], "valetkey", "{manifest}");
        assert_eq!(plugin["version"], env!("CARGO_PKG_VERSION"), "{manifest}");
        assert!((1..=1024).contains(&plugin["description"].as_str().unwrap().len()), "{manifest}");
        assert!(plugin["author"]["name"].is_string(), "{manifest}");
        if let Some(skills) = plugin["skills"].as_str() {
            assert!(repository().join(folder).join(skills).join("valetkey/SKILL.md").is_file(), "{manifest}");
        }
    }
    let codex = json(&format!("{folder}/.codex-plugin/plugin.json"));
    assert!(codex["skills"].as_str().unwrap().starts_with("./"));
    let prompts = codex["interface"]["defaultPrompt"].as_array().unwrap();
    assert!(prompts.len() <= 3 && prompts.iter().all(|prompt| prompt.as_str().unwrap().len() <= 128));
}

#[test]
fn s206_the_skill_is_where_installers_look_and_nowhere_twice() {
    let skills: Vec<_> = fs::read_dir(repository().join("plugins/valetkey/skills")).unwrap().collect();
    assert_eq!(skills.len(), 1);
    let page = page("how-to/coding-agents.md").unwrap().markdown;
    for command in [
        "/plugin marketplace add",
        "/plugin install valetkey@valetkey",
        "copilot plugin install valetkey@valetkey",
        "codex plugin add valetkey@valetkey",
        "npx skills add /path/to/valetkey --list",
        "--skill valetkey",
    ] {
        assert!(page.contains(command), "{command}");
    }
}
