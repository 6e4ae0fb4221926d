//! The schema: embedded migrations, forward only, each applied once and whole.

mod apply;

use sha2::{Digest, Sha256};

use crate::sql::statements;

/// A migration.
struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

impl Migration {
    fn checksum(&self) -> Vec<u8> {
        Sha256::digest(self.sql).to_vec()
    }
}

macro_rules! migrations {
    ($($version:literal $file:literal;)*) => {
        /// Every migration in order, numbered from 1.
        const MIGRATIONS: &[Migration] = &[$(Migration {
            version: $version,
            name: $file,
            sql: include_str!(concat!("../../../../migrations/", $file)),
        },)*];
    };
}

migrations! {
    1 "0001_initial.sql";
}

/// What PostgreSQL needs before the first migration: names for types that SQLite has or does not care about.
const POSTGRES_TYPES: &str = r#"
    CREATE DOMAIN blob AS bytea;
    CREATE DOMAIN keytext AS text COLLATE "C";
"#;

const CREATE_LIST: &str = "
    CREATE TABLE IF NOT EXISTS schema_migrations (
        version BIGINT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        checksum BLOB NOT NULL,
        applied_at BIGINT NOT NULL
    )";

/// An arbitrary number that stands for "somebody migrates" on PostgreSQL.
const LOCK: i64 = 0x7661_6c65_746b_6579;

statements! { "schema";
    read APPLIED = "SELECT version, checksum FROM schema_migrations ORDER BY version";
    write RECORD = "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::MIGRATIONS;

    #[test]
    fn the_list_is_the_directory_and_its_numbers_have_no_gap() {
        let directory = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations")).unwrap();
        let mut files: Vec<_> =
            directory.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        assert_eq!(files, MIGRATIONS.iter().map(|migration| migration.name).collect::<Vec<_>>());
        for (place, migration) in (1..).zip(MIGRATIONS) {
            assert_eq!(migration.version, place);
            assert!(migration.name.starts_with(&format!("{place:04}_")), "{}", migration.name);
        }
    }
}
