//! `valetkey dev`: what a developer gets, and gets again.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::valetkey::{command, free_port, json};

pub(crate) struct Dev {
    process: Child,
    said: String,
}

impl Dev {
    /// Starts it and waits until it says that it is ready.
    pub(crate) fn start(directory: &Path, ports: [SocketAddr; 2]) -> Self {
        let [server, provider] = ports.map(|port| port.to_string());
        let directory = directory.to_str().unwrap();
        let arguments = ["dev", "--data-dir", directory, "--listen", &server, "--provider-listen", &provider];
        let mut process = command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut said = String::new();
        for line in lines {
            said += &(line.unwrap() + "\n");
            if said.contains("Stop with Ctrl-C") {
                return Self { process, said };
            }
        }
        panic!("the server ended early: {:?}\n{said}", process.wait());
    }

    pub(crate) fn exports(&self) -> BTreeMap<String, String> {
        let lines = self.said.lines().filter_map(|line| line.trim().strip_prefix("export ")?.split_once('='));
        lines.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    pub(crate) fn stop(mut self) {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
        assert!(self.process.wait().unwrap().success());
    }
}

fn data(root: &tempfile::TempDir) -> std::path::PathBuf {
    root.path().join("data")
}

#[test]
fn a_second_start_says_the_same_and_makes_nothing_new() {
    let root = tempfile::tempdir().unwrap();
    let ports = [free_port(), free_port()];
    let first = Dev::start(&data(&root), ports);
    let (said, exports) = (first.said.clone(), first.exports());
    first.stop();
    let second = Dev::start(&data(&root), ports);
    assert_eq!(second.said, said);
    second.stop();
    let place = ["--data-dir", data(&root).to_str().unwrap()].map(str::to_owned);
    let place: Vec<&str> = place.iter().map(String::as_str).collect();
    let clients = json(&[&["client", "list"][..], &place].concat());
    assert_eq!(clients.as_array().unwrap().len(), 1);
    assert_eq!(clients[0]["id"], exports["SCALEKIT_CLIENT_ID"]);
    let connections = json(&[&["connection", "list"][..], &place].concat());
    assert_eq!(connections.as_array().unwrap().len(), 5);
}

#[test]
fn another_start_on_other_ports_keeps_the_credentials() {
    let root = tempfile::tempdir().unwrap();
    let first = Dev::start(&data(&root), [free_port(), free_port()]);
    let before = first.exports();
    first.stop();
    let second = Dev::start(&data(&root), [free_port(), free_port()]);
    let after = second.exports();
    second.stop();
    assert_eq!(before["SCALEKIT_CLIENT_SECRET"], after["SCALEKIT_CLIENT_SECRET"]);
    assert_ne!(before["SCALEKIT_ENVIRONMENT_URL"], after["SCALEKIT_ENVIRONMENT_URL"]);
}

#[test]
fn t81_everything_in_the_data_directory_is_for_its_owner_only() {
    let root = tempfile::tempdir().unwrap();
    Dev::start(&data(&root), [free_port(), free_port()]).stop();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data(&root)), 0o700);
    for name in ["encryption.key", "tls.key", "dev.env"] {
        assert_eq!(mode(&data(&root).join(name)), 0o600, "{name}");
    }
}

#[test]
fn the_exported_variables_are_in_a_file_as_well() {
    let root = tempfile::tempdir().unwrap();
    let dev = Dev::start(&data(&root), [free_port(), free_port()]);
    let file = std::fs::read_to_string(data(&root).join("dev.env")).unwrap();
    for (key, value) in dev.exports() {
        assert!(file.lines().any(|line| line == format!("{key}={value}")), "{key}");
    }
    for key in ["REQUESTS_CA_BUNDLE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "NODE_EXTRA_CA_CERTS"] {
        assert!(std::fs::read_to_string(&dev.exports()[key]).unwrap().contains("BEGIN CERTIFICATE"), "{key}");
    }
    dev.stop();
}

#[test]
#[cfg(target_os = "linux")]
fn t86_a_running_server_leaves_no_core_dump() {
    let root = tempfile::tempdir().unwrap();
    let dev = Dev::start(&data(&root), [free_port(), free_port()]);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", dev.process.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{core}");
    dev.stop();
}
