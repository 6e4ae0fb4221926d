//! Whether a connection works.

use super::ConnectionView;

/// Whether a connection works, as far as is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConnectionStatus {
    /// Configured and operational.
    Active,
    /// Configured and disabled.
    Inactive,
    /// Its setup is incomplete.
    Pending,
    /// Its configuration is wrong: the provider refuses its client.
    Error,
}

impl ConnectionView {
    /// Whether it works.
    pub fn status(&self) -> ConnectionStatus {
        if !self.is_complete() {
            ConnectionStatus::Pending
        } else if !self.enabled {
            ConnectionStatus::Inactive
        } else if self.fault.is_some() {
            ConnectionStatus::Error
        } else {
            ConnectionStatus::Active
        }
    }

    /// What is wrong or missing; empty where it works.
    pub fn status_reason(&self) -> &str {
        match self.status() {
            ConnectionStatus::Active => "",
            ConnectionStatus::Inactive => "it is disabled",
            ConnectionStatus::Pending => "its client id is missing",
            ConnectionStatus::Error => self.fault.as_deref().unwrap_or_default(),
        }
    }
}
