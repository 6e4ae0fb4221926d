//! Lists the definitions in `connectors/` for embedding, so that adding a connector touches its own folder only.

use std::{env, error::Error, fmt::Write as _, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../connectors");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut slugs = Vec::new();
    for entry in fs::read_dir(&root)? {
        let slug =
            entry?.file_name().into_string().map_err(|_| "a folder in connectors/ is not named in UTF-8")?;
        if root.join(&slug).join("connector.yaml").is_file() {
            slugs.push(slug);
        }
    }
    slugs.sort();
    let mut list = String::from("&[\n");
    for slug in slugs {
        let name = format!("connectors/{slug}/connector.yaml");
        let file = root.join(&slug).join("connector.yaml");
        println!("cargo:rerun-if-changed={}", file.display());
        writeln!(list, "({name:?}, include_str!({:?})),", file.display().to_string())?;
    }
    list.push(']');
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("connectors.rs"), list)?;
    Ok(())
}
