//! The contexts of the pages: everything that a template shows, decided and ready.

mod connected;
mod field;
mod leave;
mod mark;
mod mask;
mod moment;
mod notice;
mod problem;
mod reauthorization;
mod samples;
mod start;

pub use connected::ConnectedPage;
pub use field::{Entered, FieldView};
pub use leave::LeavePage;
pub use mark::Mark;
pub use moment::Moment;
pub use notice::NoticePage;
pub use problem::ProblemPage;
pub use samples::{Sample, samples};
pub use start::StartPage;
