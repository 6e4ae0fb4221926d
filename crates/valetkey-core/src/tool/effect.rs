//! What a tool does to the data of the user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a tool does to the data of the user.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It only reads.
    Read,
    /// It adds, sends or changes what can be changed back.
    Write,
    /// It deletes or overwrites what cannot be brought back, or moves money.
    Destroy,
}

impl Effect {
    /// Whether nothing is changed.
    pub const fn reads_only(self) -> bool {
        matches!(self, Self::Read)
    }

    /// Whether something may be lost.
    pub const fn destroys(self) -> bool {
        matches!(self, Self::Destroy)
    }
}
