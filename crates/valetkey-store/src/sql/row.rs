//! Rows: typed reading by column name. Errors name the statement and the column.

use std::str::FromStr;

use sqlx::{Row as _, postgres::PgRow};
use valetkey_core::{Timestamp, scope::ScopeSet, sealed::Sealed};

use super::sqlite::SqliteRow;
use crate::{Result, StoreError};

/// A row of an answer, while it is being read.
pub(crate) struct Row<'r> {
    pub(super) statement: &'static str,
    pub(super) data: RowData<'r>,
}

pub(super) enum RowData<'r> {
    Sqlite(SqliteRow<'r>),
    Postgres(&'r PgRow),
}

macro_rules! getter {
    ($($name:ident -> $type:ty;)*) => {$(
        fn $name(&self, column: &'static str) -> Result<Option<$type>> {
            let read = match &self.data {
                RowData::Sqlite(row) => row.$name(column),
                RowData::Postgres(row) => row.try_get(column).map_err(|error| error.to_string()),
            };
            read.map_err(|reason| self.fault(column, reason))
        }
    )*};
}

impl Row<'_> {
    getter! {
        get_str -> &str;
        get_int -> i64;
        get_bool -> bool;
        get_blob -> &[u8];
    }

    fn fault(&self, column: &'static str, reason: impl Into<String>) -> StoreError {
        StoreError::Column { statement: self.statement, column, reason: reason.into() }
    }

    fn present<T>(&self, column: &'static str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.fault(column, "is absent"))
    }

    fn str(&self, column: &'static str) -> Result<&str> {
        self.present(column, self.get_str(column)?)
    }

    pub(crate) fn text(&self, column: &'static str) -> Result<String> {
        self.str(column).map(ToOwned::to_owned)
    }

    pub(crate) fn text_opt(&self, column: &'static str) -> Result<Option<String>> {
        Ok(self.get_str(column)?.map(ToOwned::to_owned))
    }

    /// A text for which the empty one stands for absence.
    pub(crate) fn text_or_empty(&self, column: &'static str) -> Result<Option<String>> {
        Ok(self.get_str(column)?.filter(|text| !text.is_empty()).map(ToOwned::to_owned))
    }

    pub(crate) fn int(&self, column: &'static str) -> Result<i64> {
        self.present(column, self.get_int(column)?)
    }

    pub(crate) fn int_opt(&self, column: &'static str) -> Result<Option<i64>> {
        self.get_int(column)
    }

    pub(crate) fn flag(&self, column: &'static str) -> Result<bool> {
        self.present(column, self.get_bool(column)?)
    }

    pub(crate) fn blob(&self, column: &'static str) -> Result<Vec<u8>> {
        self.present(column, self.get_blob(column)?).map(ToOwned::to_owned)
    }

    pub(crate) fn blob_opt(&self, column: &'static str) -> Result<Option<Vec<u8>>> {
        Ok(self.get_blob(column)?.map(ToOwned::to_owned))
    }

    pub(crate) fn sealed(&self, column: &'static str) -> Result<Sealed> {
        self.blob(column).map(Sealed::from_bytes)
    }

    pub(crate) fn sealed_opt(&self, column: &'static str) -> Result<Option<Sealed>> {
        Ok(self.get_blob(column)?.map(|bytes| Sealed::from_bytes(bytes.to_owned())))
    }

    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp> {
        self.int(column).map(Timestamp::from_millis)
    }

    pub(crate) fn time_opt(&self, column: &'static str) -> Result<Option<Timestamp>> {
        Ok(self.get_int(column)?.map(Timestamp::from_millis))
    }

    /// An id.
    pub(crate) fn id<T: FromStr<Err: ToString>>(&self, column: &'static str) -> Result<T> {
        self.str(column)?.parse().map_err(|error: T::Err| self.fault(column, error.to_string()))
    }

    pub(crate) fn id_opt<T: FromStr<Err: ToString>>(&self, column: &'static str) -> Result<Option<T>> {
        let parse = |text: &str| text.parse().map_err(|error: T::Err| self.fault(column, error.to_string()));
        self.get_str(column)?.map(parse).transpose()
    }

    /// A value of a closed set, by its stored name.
    pub(crate) fn named<T>(&self, column: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
        parse(self.str(column)?).ok_or_else(|| self.fault(column, "is no name that this program knows"))
    }

    /// A value of a closed set, where there is one.
    pub(crate) fn named_opt<T>(
        &self,
        column: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        self.get_str(column)?.map(|_| self.named(column, parse)).transpose()
    }

    /// A list of texts.
    pub(crate) fn list(&self, column: &'static str) -> Result<Vec<String>> {
        self.json(column, self.str(column)?)
    }

    /// A set of scopes.
    pub(crate) fn scopes(&self, column: &'static str) -> Result<ScopeSet> {
        self.json(column, self.str(column)?)
    }

    pub(crate) fn scopes_opt(&self, column: &'static str) -> Result<Option<ScopeSet>> {
        self.get_str(column)?.map(|text| self.json(column, text)).transpose()
    }

    /// What was stored as JSON.
    pub(crate) fn json_of<T: serde::de::DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        self.json(column, self.str(column)?)
    }

    fn json<T: serde::de::DeserializeOwned>(&self, column: &'static str, text: &str) -> Result<T> {
        serde_json::from_str(text).map_err(|_| self.fault(column, "is not the JSON that this program wrote"))
    }
}
