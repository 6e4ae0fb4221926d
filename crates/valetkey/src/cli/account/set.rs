//! `valetkey account set`.

use std::str::FromStr;

use clap::{ArgGroup, Args};

use super::{show::show, which::One};
use crate::{cli::output::Failure, config::Seconds};

/// Change the settings of an account.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("change").required(true).multiple(true).args(["auto_refresh", "expires_in"])))]
pub struct Set {
    /// Whether tokens are renewed by themselves. Counts from now on.
    #[arg(long, value_name = "true|false")]
    auto_refresh: Option<bool>,
    /// How long an access token is used at the most, such as `3600` or `1h`, from a minute to a year; also its
    /// lifetime where the provider names none. `default` takes it back. Counts from the next token.
    #[arg(long, value_name = "N")]
    expires_in: Option<ExpiresIn>,
    #[command(flatten)]
    one: One,
}

#[derive(Clone, Copy, Debug)]
enum ExpiresIn {
    Default,
    Seconds(i64),
}

impl FromStr for ExpiresIn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "default" => Ok(Self::Default),
            text => text.parse::<Seconds>().map(|seconds| Self::Seconds(seconds.count())),
        }
    }
}

impl Set {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self { auto_refresh, expires_in, one } = self;
        one.run(async |app, operator| {
            let address = one.address();
            let mut settings = app.account(operator, &address).await?.account.settings;
            if auto_refresh.is_some() {
                settings.auto_refresh = auto_refresh;
            }
            match expires_in {
                None => {}
                Some(ExpiresIn::Default) => settings.expires_in = None,
                Some(ExpiresIn::Seconds(seconds)) => settings.expires_in = Some(seconds),
            }
            app.set_account_settings(operator, &address, settings).await?;
            show(app, operator, &one).await
        })
    }
}
