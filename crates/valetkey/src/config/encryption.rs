//! The key-encryption key: without it nothing in the database can be read, and the server does not start.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use valetkey_core::Secret;
use valetkey_vault::{KeyEncryptionKey, Keyring, LocalKey};
use zeroize::Zeroizing;

use super::section::{Check, section};

section! {
    /// The key that protects every secret in the database. Keep a copy of it apart from the database: without it
    /// the secrets are lost, and with it they can be read. Set `key_file` or `key`, not both.
    encryption: Encryption {
        /// A file with 32 random bytes in base64, readable by its owner only. `openssl rand -base64 32` makes one.
        key_file: Option<PathBuf> [Example "/etc/valetkey/encryption.key"],
        /// The same 32 bytes in base64 as a value, for platforms that hand out secrets as variables.
        key: Option<Secret> [Example "32 bytes"],
        /// Files with keys that were in use before. They only open what they once sealed.
        previous_key_files: Vec<PathBuf> [Example "/etc/valetkey/encryption-2025.key"],
    }
}

impl Encryption {
    /// Reads the keys.
    pub fn keyring(&self) -> Result<Keyring, String> {
        let primary: Arc<dyn KeyEncryptionKey> = Arc::new(self.primary()?);
        let previous = self.previous_key_files.iter().map(|path| {
            let key = read("encryption.previous_key_files", path)?;
            Ok(Arc::new(key) as Arc<dyn KeyEncryptionKey>)
        });
        Ok(Keyring::new(primary, previous.collect::<Result<_, String>>()?))
    }

    fn primary(&self) -> Result<LocalKey, String> {
        match (&self.key_file, &self.key) {
            (Some(path), None) => read("encryption.key_file", path),
            (None, Some(key)) => {
                LocalKey::from_base64(key.expose()).map_err(|reason| format!("encryption.key is not a key: {reason}"))
            }
            (Some(_), Some(_)) => {
                Err("encryption.key_file and encryption.key are both set; set only one of them".into())
            }
            (None, None) => Err(
                "no encryption key is set; make one with `openssl rand -base64 32`, keep it in a file that only its \
                 owner can read, and set encryption.key_file (VALETKEY_ENCRYPTION_KEY_FILE) to that file"
                    .into(),
            ),
        }
    }
}

fn read(setting: &str, path: &Path) -> Result<LocalKey, String> {
    let shown = path.display();
    let metadata =
        fs::metadata(path).map_err(|error| format!("{setting} {shown} cannot be read: {error}"))?;
    if is_open_to_others(&metadata) {
        return Err(format!(
            "{setting} {shown} can be read by its group or by others; run `chmod 600 {shown}`"
        ));
    }
    let text = fs::read(path).map_err(|error| format!("{setting} {shown} cannot be read: {error}"))?;
    let text = Zeroizing::new(text);
    let key = std::str::from_utf8(&text).ok().and_then(|text| LocalKey::from_base64(text).ok());
    key.ok_or_else(|| format!("{setting} {shown} does not hold a key: {}", valetkey_vault::InvalidKey))
}

fn is_open_to_others(metadata: &fs::Metadata) -> bool {
    metadata.permissions().mode() & 0o077 != 0
}

impl Check for Encryption {
    fn problems(&self) -> Vec<String> {
        self.keyring().err().into_iter().collect()
    }
}
