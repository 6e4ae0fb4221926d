//! Writes every hosted page in every shape as an HTML file, with its style sheet, to look at.
//!
//! `cargo run -p valetkey-server --example hosted_samples [FOLDER]`; the default is `target/hosted-samples`.

#![allow(clippy::print_stdout, reason = "the example tells where the files are")]

use std::path::Path;
use std::{env, fs, io};

use valetkey_server::hosted::{assets, view};

fn main() -> io::Result<()> {
    let folder = env::args().nth(1).unwrap_or_else(|| "target/hosted-samples".into());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("assets"))?;
    for file in assets() {
        fs::write(folder.join(file.path.trim_start_matches('/')), file.content)?;
    }
    for sample in view::samples().map_err(io::Error::other)? {
        let html = sample.html.replace("\"/assets/", "\"assets/");
        fs::write(folder.join(sample.name).with_extension("html"), html)?;
    }
    println!("{}", folder.display());
    Ok(())
}
