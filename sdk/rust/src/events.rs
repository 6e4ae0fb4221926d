//! The journal, and accounts that nobody needs any more.

use valetkey_proto::valetkey::v1::{self as wire, account_health_service_client::AccountHealthServiceClient};

use crate::call::part;

part! {
    /// What happened, oldest first.
    Events
    AccountHealthServiceClient {
        /// Lists what happened so far. The token of the last page stays good for what happens later.
        fn list(filters: wire::ListEventsRequest) -> wire::ListEventsResponse = list_events(filters);
    }
}

part! {
    /// Accounts that nobody needs any more: first a report, then a deed.
    Cleanup
    AccountHealthServiceClient {
        /// Lists the accounts that a policy finds, and why; a page at a time. Nothing is changed.
        fn report(policy: wire::ReportCleanupRequest) -> wire::CleanupReport = report_cleanup(policy);
        /// Disconnects or deletes accounts of a report. Waits as long as the request says; see
        /// [`BulkOperations::wait`](crate::BulkOperations::wait) for the end.
        fn run(deed: wire::RunCleanupRequest) -> wire::BulkOperation = run_cleanup(deed);
    }
}
