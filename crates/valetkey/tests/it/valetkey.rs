//! Runs the command.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

/// The command with these arguments, without the variables of the test run.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_valetkey"));
    command.args(arguments).env_clear();
    command
}

/// What a run of it wrote.
pub(crate) struct Ran {
    pub(crate) success: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { success: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
    }
}

pub(crate) fn run(command: &mut Command) -> Ran {
    command.output().unwrap().into()
}

/// Runs the command and expects success.
pub(crate) fn out(arguments: &[&str]) -> String {
    let ran = run(&mut command(arguments));
    assert!(ran.success, "valetkey {arguments:?}: {}", ran.err);
    ran.out
}

/// Runs the command with `--json` and expects success.
pub(crate) fn json(arguments: &[&str]) -> Value {
    out(&[arguments, &["--json"]].concat()).parse().unwrap()
}

/// Runs the command, expects it to fail, and returns its complaint.
pub(crate) fn complaint(arguments: &[&str]) -> String {
    let ran = run(&mut command(arguments));
    assert!(!ran.success, "valetkey {arguments:?}: {}", ran.out);
    ran.err
}

/// The top of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A port that nothing listens on.
pub(crate) fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A directory with everything that `serve` needs, and settings that name it.
pub(crate) struct Place {
    pub(crate) directory: tempfile::TempDir,
}

/// 32 bytes.
pub(crate) const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

impl Place {
    pub(crate) fn new() -> Self {
        Self::within(tempfile::tempdir().unwrap())
    }

    /// In memory, where there is such a file system: what a killed process has written is there as on a disk, and
    /// nobody waits for it.
    pub(crate) fn without_disk() -> Self {
        Self::within(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap())
    }

    fn within(directory: tempfile::TempDir) -> Self {
        let place = Self { directory };
        place.write("encryption.key", KEY, 0o600);
        place
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    pub(crate) fn write(&self, name: &str, text: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    /// `arguments` with settings that are fine, behind a proxy and on a free port.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command
            .env("VALETKEY_SERVER_PUBLIC_URL", "https://connect.example.com")
            .env("VALETKEY_SERVER_LISTEN", free_port().to_string())
            .env("VALETKEY_TLS_MODE", "terminated_by_proxy")
            .env("VALETKEY_ENCRYPTION_KEY_FILE", self.path("encryption.key"))
            .env("VALETKEY_DATABASE_URL", format!("sqlite:{}", self.path("valetkey.db")));
        command
    }
}
