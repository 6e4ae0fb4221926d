//! Reading the values of a row by the names of its columns.

use std::{cell::Cell, collections::HashMap};

use rusqlite::{
    Statement, StatementStatus,
    types::{FromSqlResult, ValueRef},
};

/// The names of the columns of each statement that a connection has run.
#[derive(Default)]
pub(super) struct Columns(HashMap<&'static str, Names>);

struct Names {
    /// How often SQLite had compiled the statement anew, which it does when the schema changes.
    compiled: i32,
    names: Vec<Box<str>>,
}

impl Columns {
    /// The names of the columns of the statement called `name`, whose first row is there.
    pub(super) fn of(&mut self, name: &'static str, statement: &Statement<'_>) -> &[Box<str>] {
        let compiled = statement.get_status(StatementStatus::RePrepare);
        let known = self.0.entry(name).or_insert_with(|| Names { compiled: -1, names: vec![] });
        if known.compiled != compiled {
            *known = Names { compiled, names: statement.column_names().map(Into::into).collect() };
        }
        &known.names
    }
}

/// A row of SQLite.
pub(in crate::sql) struct SqliteRow<'r> {
    row: &'r rusqlite::Row<'r>,
    names: &'r [Box<str>],
    /// Where the next column is probably: rows are read in the order of their columns, more or less.
    next: Cell<usize>,
}

impl<'r> SqliteRow<'r> {
    pub(super) fn new(row: &'r rusqlite::Row<'r>, names: &'r [Box<str>]) -> Self {
        Self { row, names, next: Cell::new(0) }
    }

    fn value(&self, column: &str) -> Result<ValueRef<'_>, String> {
        let next = self.next.get();
        let mut places = (next..self.names.len()).chain(0..next.min(self.names.len()));
        let place = places.find(|place| *self.names[*place] == *column).ok_or("is not in the answer")?;
        self.next.set(place + 1);
        self.row.get_ref(place).map_err(|error| error.to_string())
    }

    fn read<'s, T>(
        &'s self,
        column: &str,
        read: impl Fn(&ValueRef<'s>) -> FromSqlResult<T>,
    ) -> Result<T, String> {
        read(&self.value(column)?).map_err(|error| error.to_string())
    }

    pub(in crate::sql) fn get_str(&self, column: &str) -> Result<Option<&str>, String> {
        self.read(column, ValueRef::as_str_or_null)
    }

    pub(in crate::sql) fn get_int(&self, column: &str) -> Result<Option<i64>, String> {
        self.read(column, ValueRef::as_i64_or_null)
    }

    pub(in crate::sql) fn get_bool(&self, column: &str) -> Result<Option<bool>, String> {
        Ok(self.get_int(column)?.map(|number| number != 0))
    }

    pub(in crate::sql) fn get_blob(&self, column: &str) -> Result<Option<&[u8]>, String> {
        self.read(column, ValueRef::as_bytes_or_null)
    }
}
