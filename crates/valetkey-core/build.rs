//! Embeds what is in `connectors/`, so that adding a connector or a tool touches its own folder only.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../connectors");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed={}", root.display());
    let mut list = String::from("&[\n");
    let mut tools: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for folder in sorted(&root)? {
        let definition = folder.join("connector.yaml");
        if !definition.is_file() {
            continue;
        }
        let slug = folder
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or("a folder in connectors/ is not named in UTF-8")?;
        let name = format!("connectors/{slug}/connector.yaml");
        writeln!(list, "({name:?}, include_str!({:?})),", definition.display().to_string())?;
        tools.insert(slug.to_owned(), tools_of(&folder.join("tools"))?);
    }
    list.push(']');
    fs::write(out.join("connectors.rs"), list)?;
    fs::write(out.join("tools.json"), serde_json::to_string(&tools)?)?;
    Ok(())
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

/// The tools of a connector as JSON, which is read faster than YAML, without the examples, which only tests read.
fn tools_of(folder: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    let mut tools = Vec::new();
    if !folder.is_dir() {
        return Ok(tools);
    }
    for file in sorted(folder)? {
        let read: Value = serde_saphyr::from_str(&fs::read_to_string(&file)?)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        for tool in read["tools"].as_array().into_iter().flatten() {
            let mut tool = tool.clone();
            tool.as_object_mut().map(|tool| tool.shift_remove("example"));
            tools.push(tool);
        }
    }
    Ok(tools)
}
