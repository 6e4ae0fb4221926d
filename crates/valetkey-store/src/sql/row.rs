//! Rows: typed reading by column name. Errors name the statement and the column.

use std::str::FromStr;

use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};
use valetkey_core::{Timestamp, scope::ScopeSet, sealed::Sealed};

use crate::{Result, StoreError};

/// A row of an answer.
pub(crate) struct Row {
    pub(super) statement: &'static str,
    pub(super) data: RowData,
}

pub(super) enum RowData {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

macro_rules! getter {
    ($($name:ident -> $type:ty;)*) => {$(
        fn $name(&self, column: &'static str) -> Result<Option<$type>> {
            match &self.data {
                RowData::Sqlite(row) => row.try_get(column),
                RowData::Postgres(row) => row.try_get(column),
            }
            .map_err(|error| self.fault(column, error.to_string()))
        }
    )*};
}

impl Row {
    getter! {
        get_text -> String;
        get_int -> i64;
        get_bool -> bool;
        get_blob -> Vec<u8>;
    }

    fn fault(&self, column: &'static str, reason: impl Into<String>) -> StoreError {
        StoreError::Column { statement: self.statement, column, reason: reason.into() }
    }

    fn present<T>(&self, column: &'static str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.fault(column, "is absent"))
    }

    pub(crate) fn text(&self, column: &'static str) -> Result<String> {
        self.present(column, self.get_text(column)?)
    }

    pub(crate) fn text_opt(&self, column: &'static str) -> Result<Option<String>> {
        self.get_text(column)
    }

    /// A text for which the empty one stands for absence.
    pub(crate) fn text_or_empty(&self, column: &'static str) -> Result<Option<String>> {
        Ok(self.get_text(column)?.filter(|text| !text.is_empty()))
    }

    pub(crate) fn int(&self, column: &'static str) -> Result<i64> {
        self.present(column, self.get_int(column)?)
    }

    pub(crate) fn flag(&self, column: &'static str) -> Result<bool> {
        self.present(column, self.get_bool(column)?)
    }

    pub(crate) fn blob(&self, column: &'static str) -> Result<Vec<u8>> {
        self.present(column, self.get_blob(column)?)
    }

    pub(crate) fn sealed(&self, column: &'static str) -> Result<Sealed> {
        self.blob(column).map(Sealed::from_bytes)
    }

    pub(crate) fn sealed_opt(&self, column: &'static str) -> Result<Option<Sealed>> {
        Ok(self.get_blob(column)?.map(Sealed::from_bytes))
    }

    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp> {
        self.int(column).map(Timestamp::from_millis)
    }

    pub(crate) fn time_opt(&self, column: &'static str) -> Result<Option<Timestamp>> {
        Ok(self.get_int(column)?.map(Timestamp::from_millis))
    }

    /// An id.
    pub(crate) fn id<T: FromStr<Err: ToString>>(&self, column: &'static str) -> Result<T> {
        self.text(column)?.parse().map_err(|error: T::Err| self.fault(column, error.to_string()))
    }

    pub(crate) fn id_opt<T: FromStr<Err: ToString>>(&self, column: &'static str) -> Result<Option<T>> {
        match self.get_text(column)? {
            Some(text) => {
                text.parse().map(Some).map_err(|error: T::Err| self.fault(column, error.to_string()))
            }
            None => Ok(None),
        }
    }

    /// A value of a closed set, by its stored name.
    pub(crate) fn named<T>(&self, column: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
        parse(&self.text(column)?).ok_or_else(|| self.fault(column, "is no name that this program knows"))
    }

    /// A list of texts.
    pub(crate) fn list(&self, column: &'static str) -> Result<Vec<String>> {
        self.json(column, &self.text(column)?)
    }

    /// A set of scopes.
    pub(crate) fn scopes(&self, column: &'static str) -> Result<ScopeSet> {
        self.json(column, &self.text(column)?)
    }

    pub(crate) fn scopes_opt(&self, column: &'static str) -> Result<Option<ScopeSet>> {
        self.get_text(column)?.map(|text| self.json(column, &text)).transpose()
    }

    fn json<T: serde::de::DeserializeOwned>(&self, column: &'static str, text: &str) -> Result<T> {
        serde_json::from_str(text).map_err(|_| self.fault(column, "is not the JSON that this program wrote"))
    }
}
