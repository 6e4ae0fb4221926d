//! Names of connections: unique in an environment, matched without regard to case.

use valetkey_core::{error_code::ErrorCode, id::EnvironmentId};
use valetkey_store::{Conn, connection};

use crate::{Error, Result};

/// The longest name, in characters.
const MAX: usize = 400;

pub(super) fn check(name: &str) -> Result<()> {
    let fine = |c: char| c.is_ascii_alphanumeric() || "_: -".contains(c);
    if name.trim().is_empty() || name.len() > MAX || !name.chars().all(fine) {
        let rule = "must be 1 to 400 letters, digits, spaces, and the characters _ : -";
        return Err(Error::invalid("connection.key_id", "pattern", rule));
    }
    Ok(())
}

/// The form in which names are compared.
pub(crate) fn folded(name: &str) -> String {
    name.trim().to_ascii_lowercase()
}

/// The error for a name that no connection has; it names the nearest one that exists.
pub(crate) async fn not_found(conn: &mut Conn, environment: &EnvironmentId, name: &str) -> Result<Error> {
    let known = connection::names(conn, environment).await?;
    let nearest = known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(&folded(candidate), &folded(name)), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 2);
    let help = match nearest {
        Some((_, candidate)) => format!("did you mean \"{candidate}\"?"),
        None if known.is_empty() => "this environment has no connections yet; create one first".to_owned(),
        None => "list the connections of this environment to see those that exist".to_owned(),
    };
    Ok(Error::new(ErrorCode::ConnectionNotFound, format!("connection \"{name}\" not found; {help}")))
}
