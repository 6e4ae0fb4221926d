//! Change what holds for a whole environment.

use valetkey_core::{environment::VerificationMode, id::EnvironmentId};
use valetkey_store::environment;

use super::Environment;
use crate::{App, Error, Result, web_address};

/// What may change; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct UpdateEnvironment {
    /// How end users know the application that asks them.
    pub application: Option<String>,
    /// Who confirms the user.
    pub verification_mode: Option<VerificationMode>,
    /// The addresses to which a browser may be sent after the flow, compared character by character.
    pub allowed_return_urls: Option<Vec<String>>,
}

impl App {
    /// Changes an environment.
    pub async fn update_environment(
        &self,
        id: &EnvironmentId,
        change: UpdateEnvironment,
    ) -> Result<Environment> {
        let mut tx = self.pool.begin().await?;
        let found = environment::get(&mut tx, id).await?;
        let mut row = found.ok_or_else(|| Error::not_found(format!("environment {id} not found")))?;
        super::check_application(change.application.as_deref())?;
        row.application = change.application.unwrap_or(row.application);
        if let Some(mode) = change.verification_mode {
            row.verification_mode = mode;
        }
        if let Some(urls) = change.allowed_return_urls {
            row.allowed_return_urls = urls;
        }
        for text in &row.allowed_return_urls {
            if !web_address::is_acceptable(text) {
                return Err(Error::invalid("allowed_return_urls", "uri", web_address::RULE));
            }
        }
        environment::update(&mut tx, &row).await?;
        tx.commit().await?;
        Ok(row)
    }
}
