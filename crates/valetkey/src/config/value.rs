//! How a setting is read from text and written as TOML. To add a type of setting, implement [`Value`].

use std::{net::SocketAddr, path::PathBuf};

use valetkey_core::Secret;

/// A setting before its type is known. A variable is always [`Raw::Text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raw {
    /// A text, number or boolean.
    Text(String),
    /// A list of them.
    List(Vec<String>),
}

/// The value of one setting.
pub trait Value: Sized {
    /// Reads it. The error continues the sentence "server.listen …", such as "must be a number", and never repeats
    /// the text, which may be a secret.
    fn parse(text: &str) -> Result<Self, String>;

    /// The text that [`parse`](Value::parse) reads, secrets masked.
    fn text(&self) -> String;

    /// Writes it as TOML.
    fn toml(&self) -> String {
        quoted(&self.text())
    }
}

/// A setting: a [`Value`], one that may be absent, or a list of them.
pub trait Setting: Sized {
    /// Reads it.
    fn read(raw: &Raw) -> Result<Self, String>;

    /// Writes it as TOML; `None` where it is not set.
    fn show(&self) -> Option<String>;

    /// What holds when it is not set and has no default; `None` where it must be set.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: Value> Setting for T {
    fn read(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::Text(text) => T::parse(text),
            Raw::List(_) => Err("must be one value, not a list".into()),
        }
    }

    fn show(&self) -> Option<String> {
        Some(self.toml())
    }
}

impl<T: Value> Setting for Option<T> {
    fn read(raw: &Raw) -> Result<Self, String> {
        <T as Setting>::read(raw).map(Some)
    }

    fn show(&self) -> Option<String> {
        self.as_ref().map(Value::toml)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Value> Setting for Vec<T> {
    fn read(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::Text(text) => {
                text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(T::parse).collect()
            }
            Raw::List(items) => items.iter().map(|item| T::parse(item)).collect(),
        }
    }

    fn show(&self) -> Option<String> {
        let items: Vec<String> = self.iter().map(Value::toml).collect();
        (!items.is_empty()).then(|| format!("[{}]", items.join(", ")))
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
}

/// A text as a TOML basic string.
pub fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl Value for String {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }

    fn text(&self) -> String {
        self.clone()
    }
}

impl Value for PathBuf {
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("must be a path".into()) } else { Ok(Self::from(text)) }
    }

    fn text(&self) -> String {
        self.display().to_string()
    }
}

impl Value for u32 {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "must be a whole number above 0".into())
    }

    fn text(&self) -> String {
        self.to_string()
    }

    fn toml(&self) -> String {
        self.text()
    }
}

impl Value for bool {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "must be true or false".into())
    }

    fn text(&self) -> String {
        self.to_string()
    }

    fn toml(&self) -> String {
        self.text()
    }
}

impl Value for SocketAddr {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "must be an IP address and a port, such as \"0.0.0.0:8443\"".into())
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

impl Value for Secret {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self::from(text))
    }

    fn text(&self) -> String {
        self.masked()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_list_reads_the_same_from_a_variable_and_from_a_file() {
        let variable = Vec::<String>::read(&Raw::Text("a, b,,c".into())).unwrap();
        let file = Vec::<String>::read(&Raw::List(vec!["a".into(), "b".into(), "c".into()])).unwrap();
        assert_eq!(variable, file);
        assert_eq!(file.show().unwrap(), r#"["a", "b", "c"]"#);
    }

    #[test]
    fn a_secret_is_written_masked() {
        assert_eq!(Some(Secret::from("short")).show().unwrap(), r#""********""#);
    }

    #[test]
    fn a_list_is_refused_where_one_value_belongs() {
        assert!(SocketAddr::read(&Raw::List(vec!["127.0.0.1:1".into()])).unwrap_err().contains("one value"));
    }
}
