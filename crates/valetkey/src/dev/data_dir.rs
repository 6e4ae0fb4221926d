//! The data directory of `valetkey dev`.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use valetkey_core::Timestamp;
use valetkey_vault::LocalKey;

use super::tls::DevTls;
use crate::{cli::Failure, config::Source, files, system::SystemEntropy};

/// What the settings that this module makes are called where their origin is shown.
const ORIGIN: &str = "valetkey dev";

/// A data directory, which may not exist yet.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

/// Where the servers of a developer listen.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// The server, with TLS.
    pub server: SocketAddr,
    /// The server, without TLS.
    pub plain: Option<SocketAddr>,
    /// The test provider.
    pub provider: SocketAddr,
}

impl DataDir {
    /// The data directory at `path`.
    pub fn new(path: &Path) -> Self {
        Self(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Makes what is missing: the directory, a certificate, an encryption key. Remembers the ports for other commands.
    pub fn prepare(&self, ports: &Ports, now: Timestamp) -> Result<DevTls, Failure> {
        let failed = |error: io::Error| {
            Failure(format!("{} cannot be used: {error}; choose another --data-dir", self.0.display()))
        };
        files::private_directory(&self.0).map_err(failed)?;
        // Version control leaves the directory alone.
        fs::write(self.file(".gitignore"), "*\n").map_err(failed)?;
        let key = self.file("encryption.key");
        if !key.exists() {
            files::write_private(&key, LocalKey::generate(&SystemEntropy).as_bytes()).map_err(failed)?;
        }
        files::write_private(&self.file("ports.toml"), ports.toml().as_bytes()).map_err(failed)?;
        DevTls::in_directory(&self.0, now).map_err(|error| Failure(error.to_string()))
    }

    /// The settings of the installation in this directory, below those of the file and of variables.
    pub fn presets(&self, source: &mut Source) {
        let mut set = |section: &str, key: &str, value: String| source.command(ORIGIN, section, key, value);
        let path = |name: &str| self.file(name).display().to_string();
        set("tls", "certificate_file", path("tls.pem"));
        set("tls", "key_file", path("tls.key"));
        set("database", "url", format!("sqlite:{}", path("valetkey.db")));
        set("encryption", "key_file", path("encryption.key"));
        let ports = self.file("ports.toml");
        if let Ok(text) = fs::read_to_string(&ports) {
            source.file(&ports, &text);
        }
    }
}

impl Ports {
    /// The settings that follow from the ports, as a configuration file.
    fn toml(&self) -> String {
        let plain = self.plain.map(|plain| format!("plain_listen = \"{plain}\"\n")).unwrap_or_default();
        format!(
            "# Written by `valetkey dev` at each start.\n\
             [server]\nlisten = \"{}\"\npublic_url = \"https://localhost:{}\"\n{plain}\
             [egress]\nallow = [\"any={}\"]\n",
            self.server,
            self.server.port(),
            self.provider,
        )
    }
}
