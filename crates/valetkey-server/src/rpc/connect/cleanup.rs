//! What cleanup is in `valetkey.v1`.

use tonic::Status;
use valetkey_app::{
    bulk::{BulkWork, CleanupAction},
    cleanup::{CleanupCandidate, CleanupQuery},
};
use valetkey_core::cleanup::CleanupPolicy;
use valetkey_proto::valetkey::v1 as wire;

use super::convert;
use crate::rpc::convert::timestamp;

/// What a policy looks for.
pub(super) fn query(policy: Option<wire::CleanupPolicy>) -> CleanupQuery {
    let policy = policy.unwrap_or_default();
    CleanupQuery {
        policy: CleanupPolicy {
            unused_days: policy.unused_days,
            expired_days: policy.expired_days,
            pending_days: policy.pending_days,
            orphaned: policy.orphaned,
        },
        connection: policy.connection_id,
    }
}

/// An account that a policy finds.
pub(super) fn candidate(found: CleanupCandidate) -> Result<wire::CleanupCandidate, Status> {
    Ok(wire::CleanupCandidate {
        account: Some(convert::account(found.account)?),
        rule: found.rule.as_str().into(),
        since: Some(timestamp(found.since)),
    })
}

/// What is done to which accounts. The rules of the request let no other action through.
pub(super) fn work(request: wire::RunCleanupRequest) -> (BulkWork, Option<u32>) {
    let action = if request.action == "delete" { CleanupAction::Delete } else { CleanupAction::Disconnect };
    (BulkWork::CleanUp(request.account_ids, action, query(request.policy)), request.wait_seconds)
}
