//! Every way out of the server leads through the egress module.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// What opens a connection, resolves a name, or makes a client; `clippy.toml` forbids all of it, unless a file says that
/// it is the exception.
const WAYS_OUT: &[&str] = &[
    "TcpStream::connect",
    "TcpSocket::",
    "UdpSocket::",
    "lookup_host",
    "to_socket_addrs",
    "legacy::Client",
    "HttpConnector",
    "TlsConnector",
    "clippy::disallowed_types",
];

/// Who may: the egress module. A socket of the operating system's own is no way out.
fn is_egress(file: &Path) -> bool {
    file.to_string_lossy().contains("crates/valetkey-provider/src/egress/")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn t72_only_the_egress_module_opens_connections() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (mut files, mut others, mut own) = (Vec::new(), Vec::new(), 0);
    for entry in fs::read_dir(crates).unwrap() {
        let source = entry.unwrap().path().join("src");
        // The test kit is the other side: clients and providers of tests.
        if source.is_dir() && !source.starts_with(crates.join("valetkey-testkit")) {
            sources(&source, &mut files);
        }
    }
    for file in files.iter().filter(|file| file.file_stem().is_none_or(|stem| stem != "tests")) {
        let text = fs::read_to_string(file).unwrap();
        let found = WAYS_OUT.iter().filter(|way| text.contains(**way)).count();
        match (found, is_egress(file)) {
            (0, _) => {}
            (_, true) => own += 1,
            (_, false) => others.push(file.clone()),
        }
    }
    assert!(own >= 4, "the ways out of the egress module itself are found: {own}");
    assert_eq!(others, Vec::<PathBuf>::new());
}
