//! Deleting what is spent. Background work of the installation, so that these queries cross environments: they name
//! no row and return none.

use valetkey_core::Timestamp;

use crate::{
    Result, Tx,
    sql::{args, statements},
};

statements! { "sweep";
    bulk LINKS_ANY_ENVIRONMENT = "
        DELETE FROM links WHERE token_hash IN (
            SELECT token_hash FROM links WHERE expires_at <= $1 ORDER BY expires_at LIMIT CAST($2 AS BIGINT)
        )";
    bulk FLOWS_WITHOUT_LINK_ANY_ENVIRONMENT = "
        DELETE FROM flows WHERE state_hash IN (
            SELECT state_hash FROM flows WHERE link_id IS NULL AND expires_at <= $1 AND outcome <> 'started'
            ORDER BY expires_at LIMIT CAST($2 AS BIGINT)
        )";
    bulk VERIFICATIONS_ANY_ENVIRONMENT = "
        DELETE FROM verifications WHERE token_hash IN (
            SELECT token_hash FROM verifications WHERE expires_at <= $1 AND state <> 'pending'
            ORDER BY expires_at LIMIT CAST($2 AS BIGINT)
        )";
    bulk OPERATOR_SESSIONS = "DELETE FROM operator_sessions WHERE expires_at <= $1";
}

/// Deletes links that expired at `before` or earlier with their flows, flows without a link and verifications that are
/// closed and expired by then, and operator sessions of that time: of all but the sessions at most `limit` each. Returns
/// how many rows were deleted, the flows of links not counted.
pub async fn delete_spent(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    let links = tx.execute(&LINKS_ANY_ENVIRONMENT, args![before, limit]).await?;
    let flows = tx.execute(&FLOWS_WITHOUT_LINK_ANY_ENVIRONMENT, args![before, limit]).await?;
    let verifications = tx.execute(&VERIFICATIONS_ANY_ENVIRONMENT, args![before, limit]).await?;
    let sessions = tx.execute(&OPERATOR_SESSIONS, args![before]).await?;
    Ok(links + flows + verifications + sessions)
}
