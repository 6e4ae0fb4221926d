//! Tools: which there are, which an account can run, and running one.

mod answer;
mod catalogue;
mod execute;
mod failure;
mod list;
mod run;
mod search;
mod whose;

pub(crate) use catalogue::Catalogue;
pub use catalogue::ListedTool;
pub use execute::{ExecuteTool, Executed};
pub use failure::ToolFailure;
pub use list::{ListTools, RunnableTool, ScopedTools};
pub use search::{FoundTool, Readiness, ReadinessState};
