//! The reference of the connectors: a page for each, from its definition and its tools.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::Value;

use super::{
    Outcome, Pages, files,
    text::{GENERATED, code, inline, table},
};

/// A connector as its page needs it.
struct Connector {
    slug: String,
    definition: Value,
    tools: Vec<Value>,
}

/// The pages of all connectors, and the one that lists them.
pub(super) fn pages(root: &Path) -> Outcome<Pages> {
    let mut all = Vec::new();
    for folder in files(root)? {
        let definition = folder.join("connector.yaml");
        if !definition.is_file() {
            continue;
        }
        let slug = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut tools = Vec::new();
        for file in files(&folder.join("tools"))? {
            tools.extend(read(&file)?["tools"].as_array().cloned().unwrap_or_default());
        }
        all.push(Connector { slug, definition: read(&definition)?, tools });
    }
    let mut pages = Pages::new();
    for connector in &all {
        pages.insert(format!("reference/connectors/{}.md", connector.slug), connector.page()?);
    }
    pages.insert("reference/connectors/README.md".to_owned(), index(&all));
    Ok(pages)
}

fn read(file: &Path) -> Outcome<Value> {
    serde_saphyr::from_str(&fs::read_to_string(file)?)
        .map_err(|error| format!("{}: {error}", file.display()).into())
}

fn index(all: &[Connector]) -> String {
    let tools: usize = all.iter().map(|connector| connector.tools.len()).sum();
    let rows = all.iter().map(|connector| {
        let scopes = connector.scopes("default").len() + connector.scopes("always").len();
        let asked = if scopes == 0 { String::new() } else { scopes.to_string() };
        let link = format!("[{}]({}.md)", inline(text(&connector.definition["name"])), connector.slug);
        vec![
            link,
            code(&connector.slug),
            connector.auth().to_owned(),
            asked,
            connector.tools.len().to_string(),
        ]
    });
    format!(
        "# Connectors\n\n{GENERATED}\n\
         {} connectors with {tools} tools come with the server. Each page says what an operator sets up, what a user is \
         asked, which scopes there are and what the tools do; the file behind it is \
         `connectors/<slug>/connector.yaml`. An installation may [add its own](../../how-to/own-connector.md).\n\n{}",
        all.len(),
        table(&["connector", "slug", "authorization", "scopes asked for", "tools"], rows)
    )
    .trim_end()
    .to_owned()
        + "\n"
}

impl Connector {
    fn kind(&self) -> &str {
        match &self.definition["auth"] {
            Value::String(kind) => kind,
            other => other.as_object().and_then(|auth| auth.keys().next()).map_or("none", String::as_str),
        }
    }

    fn auth(&self) -> &str {
        match self.kind() {
            "oauth2" => "OAuth 2.0",
            "oauth1" => "OAuth 1.0a",
            "basic" => "HTTP Basic",
            "bearer" => "bearer token",
            "api_key" => "API key",
            other => other,
        }
    }

    fn scopes(&self, key: &str) -> Vec<&str> {
        let scopes = &self.definition["auth"][self.kind()]["scopes"][key];
        scopes.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    fn page(&self) -> Outcome<String> {
        let of = &self.definition;
        let mut page = format!(
            "# {}\n\n{GENERATED}\n{}\n\n",
            inline(text(&of["name"])),
            inline(text(&of["description"]))
        );
        let mut facts = vec![
            vec!["connector".to_owned(), code(text(&of["provider_key"]))],
            vec!["authorization".to_owned(), self.auth().to_owned()],
            vec!["API".to_owned(), code(text(&of["api"]["base_url"]))],
        ];
        if let Some(address) = of["documentation"].as_str() {
            facts.push(vec!["documented at".to_owned(), format!("<{address}>")]);
        }
        page.push_str(&table(&["", ""], facts));
        if let Some(setup) = of["setup"].as_str() {
            write!(page, "## What an operator does\n\n{}\n\n", setup.trim())?;
        }
        self.fields(&mut page, "What an operator enters", &of["connection_fields"])?;
        self.fields(&mut page, "What a user enters", &of["account_fields"])?;
        self.fields(&mut page, "The credential", &of["auth"][self.kind()]["fields"])?;
        self.write_scopes(&mut page)?;
        self.write_tools(&mut page)?;
        Ok(page.trim_end().to_owned() + "\n")
    }

    #[expect(clippy::unused_self, reason = "reads like its siblings")]
    fn fields(&self, page: &mut String, heading: &str, fields: &Value) -> Outcome {
        let rows = fields.as_array().into_iter().flatten().map(|field| {
            let needed = if field["required"] == Value::Bool(false) { "optional" } else { "" };
            vec![
                code(text(&field["name"])),
                inline(text(&field["label"])),
                needed.to_owned(),
                inline(text(&field["hint"])),
            ]
        });
        let rows = table(&["field", "label", "", "where to find it"], rows);
        if !rows.is_empty() {
            write!(page, "## {heading}\n\n{rows}")?;
        }
        Ok(())
    }

    fn write_scopes(&self, page: &mut String) -> Outcome {
        let (always, default) = (self.scopes("always"), self.scopes("default"));
        let known = self.definition["auth"][self.kind()]["scopes"]["available"].as_array();
        let rows = known.into_iter().flatten().map(|known| {
            let scope = text(&known["scope"]);
            let asked = match (always.contains(&scope), default.contains(&scope)) {
                (true, _) => "always",
                (_, true) => "by default",
                _ => "",
            };
            vec![code(scope), asked.to_owned(), inline(text(&known["description"]))]
        });
        let rows = table(&["scope", "asked for", "with it, the application will be able to"], rows);
        if !rows.is_empty() {
            write!(page, "## Scopes\n\n{rows}")?;
        }
        Ok(())
    }

    fn write_tools(&self, page: &mut String) -> Outcome {
        let rows = self.tools.iter().map(|tool| {
            let scopes = [("any_of", " or "), ("all_of", " and ")].map(|(key, joint)| {
                let scopes = tool["scopes"][key].as_array().into_iter().flatten();
                scopes.map(|scope| code(text(scope))).collect::<Vec<_>>().join(joint)
            });
            let scopes: Vec<String> = scopes.into_iter().filter(|scopes| !scopes.is_empty()).collect();
            let effect = text(&tool["effect"]).to_owned();
            vec![code(text(&tool["name"])), inline(text(&tool["title"])), effect, scopes.join("; ")]
        });
        let rows = table(&["tool", "what it does", "effect", "scopes"], rows);
        if !rows.is_empty() {
            write!(page, "## Tools\n\n{rows}")?;
        }
        Ok(())
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
