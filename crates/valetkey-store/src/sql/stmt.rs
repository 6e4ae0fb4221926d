//! Statements: SQL with a name, known before the program starts.

/// A statement. Parameters are `$1`, `$2`, … on both engines.
#[derive(Clone, Copy, Debug)]
pub struct Stmt {
    /// Where it is in the source, such as `account::INSERT`. Errors name it.
    pub name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
    pub(crate) writes: bool,
    pub(crate) parameters: usize,
}

impl Stmt {
    /// A statement that changes nothing.
    pub(crate) const fn read(name: &'static str, sql: &'static str) -> Self {
        Self { name, sqlite: sql, postgres: sql, writes: false, parameters: highest_parameter(sql) }
    }

    /// A statement that changes data and runs in a transaction only.
    pub(crate) const fn write(name: &'static str, sql: &'static str) -> Self {
        Self { writes: true, ..Self::read(name, sql) }
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
/// `read` and `write` say whether a statement changes data.
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
}
