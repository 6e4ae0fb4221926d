//! Statements: SQL with a name, known before the program starts.

/// A statement. Parameters are `$1`, `$2`, … on both engines.
#[derive(Clone, Copy, Debug)]
pub struct Stmt {
    /// Where it is in the source, such as `account::INSERT`. Errors name it.
    pub name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
    pub(crate) writes: bool,
    /// Whether it may touch so many rows that SQLite must not run it on a thread of the runtime.
    pub(crate) long: bool,
    pub(crate) parameters: usize,
}

impl Stmt {
    /// A statement that changes nothing and touches a few rows, found by an index: at most a hundred or so.
    pub(crate) const fn read(name: &'static str, sql: &'static str) -> Self {
        let parameters = highest_parameter(sql);
        Self { name, sqlite: sql, postgres: sql, writes: false, long: false, parameters }
    }

    /// A statement that changes nothing and may touch many rows: it counts, or gives a page.
    pub(crate) const fn scan(name: &'static str, sql: &'static str) -> Self {
        Self { long: true, ..Self::read(name, sql) }
    }

    /// A statement that changes a few rows and runs in a transaction only.
    pub(crate) const fn write(name: &'static str, sql: &'static str) -> Self {
        Self { writes: true, ..Self::read(name, sql) }
    }

    /// A statement that may change many rows and runs in a transaction only.
    pub(crate) const fn bulk(name: &'static str, sql: &'static str) -> Self {
        Self { long: true, ..Self::write(name, sql) }
    }

    /// A statement that changes a row and runs in a transaction only, to be run for many rows at once. On PostgreSQL its
    /// one parameter is a JSON list of rows, each a list of what are the parameters on SQLite.
    pub(crate) const fn many(name: &'static str, sqlite: &'static str, postgres: &'static str) -> Self {
        Self::bulk(name, sqlite).on_postgres(postgres)
    }

    /// The same with another text for PostgreSQL, for what the engines have no common words for.
    pub(crate) const fn on_postgres(self, sql: &'static str) -> Self {
        Self { postgres: sql, ..self }
    }

    /// The SQL that SQLite runs.
    pub const fn sqlite_text(&self) -> &'static str {
        self.sqlite
    }
}

/// The highest number after a `$`.
const fn highest_parameter(sql: &str) -> usize {
    let bytes = sql.as_bytes();
    let (mut at, mut highest) = (0, 0);
    while at < bytes.len() {
        if bytes[at] == b'$' {
            let mut number = 0;
            while at + 1 < bytes.len() && bytes[at + 1].is_ascii_digit() {
                number = number * 10 + (bytes[at + 1] - b'0') as usize;
                at += 1;
            }
            if number > highest {
                highest = number;
            }
        }
        at += 1;
    }
    highest
}

/// Declares the statements of a module, and `STATEMENTS`, the list of them.
///
/// `read` and `scan` change nothing, `write` and `bulk` change data. `scan` and `bulk` may touch many rows.
macro_rules! statements {
    ($module:literal; $($kind:ident $name:ident = $sql:expr;)*) => {
        $(const $name: $crate::Stmt = $crate::Stmt::$kind(concat!($module, "::", stringify!($name)), $sql);)*

        pub(crate) const STATEMENTS: &[&$crate::Stmt] = &[$(&$name,)*];
    };
}
pub(crate) use statements;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_parameters_is_the_highest_one_in_the_text() {
        assert_eq!(Stmt::read("t", "SELECT 1").parameters, 0);
        assert_eq!(Stmt::read("t", "SELECT $2, $12, $1").parameters, 12);
    }

    /// Those that count or have a limit and yet find a few rows by an index.
    const FEW: &[&str] = &["account::FIND", "refresh::HELD_ANY_ENVIRONMENT"];

    #[test]
    fn what_counts_or_has_a_page_is_marked_as_long() {
        for stmt in crate::statements().filter(|stmt| !FEW.contains(&stmt.name)) {
            let many = ["COUNT(", "LIMIT CAST("].iter().any(|part| stmt.sqlite.contains(part));
            assert!(stmt.long || !many, "{}: is a scan or bulk, or is named among the few", stmt.name);
        }
    }

    #[test]
    fn every_statement_has_a_place_in_the_cache_of_a_connection() {
        assert!(crate::statements().count() < super::super::STATEMENT_CACHE / 2);
    }
}
