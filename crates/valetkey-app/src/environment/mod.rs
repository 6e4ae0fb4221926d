//! Environments: the border that no query crosses.

mod create;
mod read;
mod update;

pub use update::UpdateEnvironment;
pub use valetkey_store::environment::Environment;

/// The name of an application is a line of text.
fn check_application(name: Option<&str>) -> crate::Result<()> {
    let fine = name
        .is_none_or(|name| (1..=80).contains(&name.chars().count()) && !name.chars().any(char::is_control));
    if fine {
        Ok(())
    } else {
        Err(crate::Error::invalid("application", "length", "must have 1 to 80 characters on one line"))
    }
}
