//! What is logged, and how.

use tracing_subscriber::EnvFilter;

use super::{
    kind::words,
    section::{Check, section},
    value::Value,
};

words! {
    /// How a log line is written.
    LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object per line.
        Json = "json",
    }
}

/// Which events are logged: a level, or `tracing` directives such as `info,valetkey_provider=debug`.
#[derive(Clone, Debug)]
pub struct LogLevel(String);

impl LogLevel {
    /// The filter.
    pub fn filter(&self) -> EnvFilter {
        EnvFilter::new(&self.0)
    }
}

impl Value for LogLevel {
    fn parse(text: &str) -> Result<Self, String> {
        EnvFilter::try_new(text).map(|_| Self(text.to_owned())).map_err(|_| {
            "must be error, warn, info, debug or trace, or directives such as \"info,valetkey_provider=debug\"".into()
        })
    }

    fn text(&self) -> String {
        self.0.clone()
    }
}

section! {
    /// The log, which goes to standard error. It never contains secrets.
    log: Log {
        /// A level (error, warn, info, debug, trace), or directives such as `info,valetkey_provider=debug`.
        level: LogLevel [Default "info"],
        /// `text` for people, `json` for machines.
        format: LogFormat [Default "text"],
    }
}

impl Check for Log {}
