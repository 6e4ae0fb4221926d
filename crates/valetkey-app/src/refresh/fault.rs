//! A provider that does not accept our client: the fault of a connection. Its accounts stay as they are and show the
//! fault while it lasts; one of them tries now and then.

use serde_json::json;
use valetkey_core::{
    Timestamp,
    id::{ConnectionId, EnvironmentId},
    journal::EventKind,
};
use valetkey_store::{Tx, connection, refresh};

use super::{TokenTarget, attempt::Attempted, claim::Job};
use crate::{App, Caller, Result, journal::About};

/// The first pause, in seconds; it doubles with each further failure.
const PAUSE: i64 = 60;

/// The longest pause, in seconds.
const LONGEST_PAUSE: i64 = 3600;

impl App {
    /// Records that a connection is at fault, and returns when it is tried again. All its accounts wait until then.
    pub(super) async fn fault_connection(
        &self,
        tx: &mut Tx,
        job: &Job,
        attempted: &Attempted,
    ) -> Result<Timestamp> {
        let now = self.clock.now();
        let (environment, id) = (&job.account.environment_id, &job.account.connection_id);
        let Some(row) = connection::get(tx, environment, id).await? else {
            return Ok(now.plus_seconds(PAUSE));
        };
        if row.version != job.target.connection.version {
            // Corrected while the request was under way.
            return Ok(now);
        }
        if row.fault.is_some() && row.fault_count != job.target.connection.fault_count {
            // Another attempt has noted it.
            return Ok(row.fault_retry_at.unwrap_or(now));
        }
        let count = row.fault_count + 1;
        let pause = PAUSE.saturating_mul(1 << (count - 1).clamp(0, 10)).min(LONGEST_PAUSE);
        let retry_at = now.plus_seconds(pause);
        let text = attempted.detail().unwrap_or_default();
        connection::set_fault(tx, environment, id, Some((&text, count, retry_at))).await?;
        refresh::postpone_connection(tx, environment, id, retry_at).await?;
        if row.fault.is_none() {
            tracing::error!(connection = %id, fault = %text, "the provider does not accept the connection's client");
            self.record_fault(tx, environment, id, Some(&text)).await?;
        }
        Ok(retry_at)
    }

    /// Whether a request may be sent for a connection. One at fault, whose time has come, is tried by one account for
    /// all others, which wait for as long as that may take.
    pub(super) async fn takes_turn(
        &self,
        tx: &mut Tx,
        environment: &EnvironmentId,
        target: &TokenTarget,
        until: Timestamp,
    ) -> Result<bool> {
        let row = &target.connection;
        let Some(seen) = row.fault_retry_at.filter(|_| row.fault.is_some()) else { return Ok(true) };
        if !connection::take_turn(tx, environment, &row.id, seen, until).await? {
            return Ok(false);
        }
        refresh::postpone_connection(tx, environment, &row.id, until).await?;
        Ok(true)
    }

    /// Ends the fault of a connection; what waits for it is due now.
    pub(crate) async fn clear_fault(
        &self,
        tx: &mut Tx,
        environment: &EnvironmentId,
        id: &ConnectionId,
    ) -> Result<()> {
        let Some(row) = connection::get(tx, environment, id).await? else { return Ok(()) };
        if row.fault.is_none() {
            return Ok(());
        }
        connection::set_fault(tx, environment, id, None).await?;
        if let Some(until) = row.fault_retry_at {
            refresh::release_connection(tx, environment, id, until, self.clock.now()).await?;
        }
        self.record_fault(tx, environment, id, None).await
    }

    async fn record_fault(
        &self,
        tx: &mut Tx,
        environment: &EnvironmentId,
        id: &ConnectionId,
        fault: Option<&str>,
    ) -> Result<()> {
        // It shows in the state of every account of the connection.
        self.doubt_snapshots();
        let caller = Caller::server(environment.clone());
        let about = About { connection: Some(id), ..About::default() };
        self.record(tx, &caller, EventKind::ConnectionFaultChanged, about, &json!({ "fault": fault })).await
    }
}
