//! Organizations: the customers of the application, which accounts may belong to.

mod create;
mod delete;
mod read;
mod update;

pub use create::CreateOrganization;
pub use update::UpdateOrganization;
pub use valetkey_store::organization::Organization;
