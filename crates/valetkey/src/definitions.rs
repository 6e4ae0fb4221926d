//! Files with connector definitions.

use std::{fs, io, path::Path};

/// Path and text of a definition file, or of every `connector.yaml` in and below a directory, in the order of their
/// paths.
pub fn read(path: &Path) -> io::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    if path.is_dir() {
        walk(path, &is_definition, &mut found)?;
    } else {
        add(path, &mut found)?;
    }
    Ok(found)
}

/// Path and text of every file `tools/*.yaml` in and below a directory, in the order of their paths.
pub fn tools(directory: &Path) -> io::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    walk(directory, &is_of_tools, &mut found)?;
    Ok(found)
}

/// The files of tools that belong to the definitions in `path`: in and below a directory, or beside a definition.
pub fn tools_of(path: &Path) -> io::Result<Vec<(String, String)>> {
    if path.is_dir() {
        return tools(path);
    }
    let folder = path.parent().unwrap_or(Path::new("")).join("tools");
    if is_definition(path) && folder.is_dir() { tools(&folder) } else { Ok(Vec::new()) }
}

fn is_definition(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "connector.yaml")
}

fn is_of_tools(path: &Path) -> bool {
    let folder = path.parent().and_then(Path::file_name);
    folder.is_some_and(|name| name == "tools") && path.extension().is_some_and(|kind| kind == "yaml")
}

fn walk(
    directory: &Path,
    wanted: &impl Fn(&Path) -> bool,
    found: &mut Vec<(String, String)>,
) -> io::Result<()> {
    let mut entries =
        fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, wanted, found)?;
        } else if wanted(&path) {
            add(&path, found)?;
        }
    }
    Ok(())
}

fn add(path: &Path, found: &mut Vec<(String, String)>) -> io::Result<()> {
    found.push((path.display().to_string(), fs::read_to_string(path)?));
    Ok(())
}
