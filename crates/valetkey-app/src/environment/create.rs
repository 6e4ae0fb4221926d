//! Create an environment.

use valetkey_core::{environment::VerificationMode, error_code::ErrorCode, id::EnvironmentId};
use valetkey_store::environment;

use super::Environment;
use crate::{App, Error, Result};

impl App {
    /// Creates an environment with a name that is unique in this installation: 1 to 60 letters, digits, `-`, `_`.
    /// `application` is how end users know the application that asks them; without it they are shown `name`.
    pub async fn create_environment(&self, name: &str, application: Option<&str>) -> Result<Environment> {
        let fine = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 60 || !name.chars().all(fine) {
            return Err(Error::invalid("name", "pattern", "must be 1 to 60 letters, digits, - or _"));
        }
        super::check_application(application)?;
        let now = self.clock.now();
        let environment = Environment {
            id: EnvironmentId::new(now, self.entropy.as_ref()),
            name: name.to_owned(),
            application: application.unwrap_or(name).to_owned(),
            verification_mode: VerificationMode::None,
            allowed_return_urls: vec![],
            created_at: now,
        };
        let mut tx = self.pool.begin().await?;
        if environment::by_name(&mut tx, name).await?.is_some() {
            let message = format!("environment \"{name}\" exists already; choose another name");
            return Err(Error::new(ErrorCode::ResourceAlreadyExists, message));
        }
        environment::insert(&mut tx, &environment).await?;
        tx.commit().await?;
        Ok(environment)
    }
}
