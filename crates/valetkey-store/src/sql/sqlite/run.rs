//! Running a statement on a connection, in this thread.

use rusqlite::{
    CachedStatement, Connection, Error, ToSql,
    types::{Null, ToSqlOutput, ValueRef},
};

use super::{columns::SqliteRow, connections::Open};
use crate::{
    Result, Stmt, StoreError,
    sql::{Row, Value, row::RowData},
};

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Int(Some(number)) => ValueRef::Integer(*number),
            Self::Bool(value) => ValueRef::Integer((*value).into()),
            Self::Blob(Some(bytes)) => ValueRef::Blob(bytes),
            Self::Text(None) | Self::Int(None) | Self::Blob(None) => return Null.to_sql(),
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// Which argument belongs to the place of a parameter. To SQLite `$2` is a name, and its place is where it comes first
/// in the text.
fn argument(statement: &CachedStatement<'_>, place: usize) -> Option<usize> {
    let name = statement.parameter_name(place)?.strip_prefix('$')?;
    name.parse::<usize>().ok()?.checked_sub(1)
}

fn bind(
    statement: &mut CachedStatement<'_>,
    place: usize,
    number: Option<usize>,
    args: &[Value],
) -> rusqlite::Result<()> {
    let value = number.and_then(|number| args.get(number));
    statement.raw_bind_parameter(place, value.ok_or(Error::InvalidParameterCount(args.len(), place))?)
}

/// The statement, prepared, with its parameters.
fn bound<'c>(connection: &'c Connection, sql: &str, args: &[Value]) -> rusqlite::Result<CachedStatement<'c>> {
    let mut statement = connection.prepare_cached(sql)?;
    for place in 1..=statement.parameter_count() {
        let number = argument(&statement, place);
        bind(&mut statement, place, number, args)?;
    }
    Ok(statement)
}

/// The rows of the answer, at most `most`, each made into a `T`.
pub(super) fn rows<T>(
    open: &mut Open,
    stmt: Stmt,
    args: &[Value],
    most: usize,
    make: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let fault = |error| StoreError::of_sqlite(stmt.name, error);
    let mut statement = bound(&open.connection, stmt.sqlite, args).map_err(fault)?;
    let mut rows = statement.raw_query();
    let mut answer = Vec::new();
    while let Some(row) = rows.next().map_err(fault)? {
        let names = open.columns.of(stmt.name, row.as_ref());
        let data = RowData::Sqlite(SqliteRow::new(row, names));
        answer.push(make(&Row { statement: stmt.name, data })?);
        if answer.len() == most {
            break;
        }
    }
    Ok(answer)
}

/// Runs a statement that changes data and says how many rows it changed.
pub(super) fn execute(open: &mut Open, stmt: Stmt, args: &[Value]) -> Result<u64> {
    let changed = bound(&open.connection, stmt.sqlite, args).and_then(|mut bound| bound.raw_execute());
    changed.map(|changed| changed as u64).map_err(|error| StoreError::of_sqlite(stmt.name, error))
}

/// Runs a statement that changes data once for each of `rows`.
pub(super) fn execute_many(open: &mut Open, stmt: Stmt, rows: &[Vec<Value>]) -> Result<()> {
    let run = || {
        let mut statement = open.connection.prepare_cached(stmt.sqlite)?;
        let places = 1..=statement.parameter_count();
        let numbers: Vec<_> = places.map(|place| argument(&statement, place)).collect();
        for args in rows {
            for (place, number) in (1..).zip(&numbers) {
                bind(&mut statement, place, *number, args)?;
            }
            statement.raw_execute()?;
        }
        Ok(())
    };
    run().map_err(|error| StoreError::of_sqlite(stmt.name, error))
}

/// Runs a statement without parameters, such as `COMMIT`.
pub(super) fn command(open: &mut Open, name: &'static str, sql: &str) -> Result<()> {
    let done = open.connection.prepare_cached(sql).and_then(|mut statement| statement.raw_execute());
    done.map(drop).map_err(|error| StoreError::of_sqlite(name, error))
}

/// A number that changes when another connection writes to the file, and not with what this one writes
/// (<https://www.sqlite.org/pragma.html#pragma_data_version>).
pub(super) fn foreign_version(open: &mut Open, name: &'static str) -> Result<i64> {
    let asked = open.connection.prepare_cached("PRAGMA data_version");
    let version = asked.and_then(|mut statement| statement.query_row([], |row| row.get(0)));
    version.map_err(|error| StoreError::of_sqlite(name, error))
}
