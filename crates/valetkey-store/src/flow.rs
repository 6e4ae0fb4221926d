//! Flows: what is remembered of one attempt between our page and the provider's callback.

use valetkey_core::{
    Timestamp,
    id::{AccountId, ConnectionId, EnvironmentId, FlowId, LinkId},
    link::FlowOutcome,
    sealed::Sealed,
};

use crate::{
    Conn, Result, Tx,
    sql::{Row, args, statements},
};

/// A flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Its id.
    pub id: FlowId,
    /// Its environment.
    pub environment_id: EnvironmentId,
    /// The link that started it, and the hash of the token of the browser that did; absent where the application takes
    /// the callback itself.
    pub hosted: Option<Hosted>,
    /// The account it authorizes.
    pub account_id: AccountId,
    /// The connection that the provider will call back.
    pub connection_id: ConnectionId,
    /// The hash of the `state` parameter (RFC 6749 §4.1.1).
    pub state_hash: Vec<u8>,
    /// Code verifier, nonce and what else the callback needs.
    pub details: Sealed,
    /// How it ended; [`FlowOutcome::Started`] while it has not.
    pub outcome: FlowOutcome,
    /// More about the end, such as the provider's error code.
    pub outcome_detail: Option<String>,
    /// When it started.
    pub created_at: Timestamp,
    /// Until when the callback is accepted.
    pub expires_at: Timestamp,
    /// When a callback was let in.
    pub claimed_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// How a flow of the hosted pages started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosted {
    /// The link that started it.
    pub link_id: LinkId,
    /// The hash of the token of the browser that started it.
    pub browser_hash: Vec<u8>,
}

impl Flow {
    /// The link that started it.
    pub fn link(&self) -> Option<&LinkId> {
        self.hosted.as_ref().map(|hosted| &hosted.link_id)
    }
}

statements! { "flow";
    write SUPERSEDE = "
        UPDATE flows SET outcome = 'superseded', ended_at = $3
        WHERE environment_id = $1 AND link_id = $2 AND outcome = 'started'";
    write SUPERSEDE_WITHOUT_LINK = "
        UPDATE flows SET outcome = 'superseded', ended_at = $3
        WHERE environment_id = $1 AND account_id = $2 AND link_id IS NULL AND outcome = 'started'";
    write INSERT = "
        INSERT INTO flows (environment_id, id, link_id, account_id, connection_id, state_hash, browser_hash, details,
            outcome, outcome_detail, created_at, expires_at, claimed_at, ended_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    read BY_STATE_HASH_ANY_ENVIRONMENT = "SELECT * FROM flows WHERE state_hash = $1";
    read GET = "SELECT * FROM flows WHERE environment_id = $1 AND id = $2";
    read LIST = "
        SELECT * FROM flows WHERE environment_id = $1 AND account_id = $2 ORDER BY id DESC LIMIT 100";
    write CLAIM = "
        UPDATE flows SET claimed_at = $3
        WHERE environment_id = $1 AND id = $2 AND outcome = 'started' AND claimed_at IS NULL AND expires_at > $3";
    write END = "
        UPDATE flows SET outcome = $3, outcome_detail = $4, ended_at = $5
        WHERE environment_id = $1 AND id = $2 AND outcome = 'started'";
    scan EXPIRED_ANY_ENVIRONMENT = "
        SELECT * FROM flows
        WHERE outcome = 'started' AND expires_at <= $1 AND (claimed_at IS NULL OR claimed_at <= $3)
        ORDER BY expires_at LIMIT CAST($2 AS BIGINT)";
}

fn read(row: &Row) -> Result<Flow> {
    Ok(Flow {
        id: row.id("id")?,
        environment_id: row.id("environment_id")?,
        hosted: hosted(row)?,
        account_id: row.id("account_id")?,
        connection_id: row.id("connection_id")?,
        state_hash: row.blob("state_hash")?,
        details: row.sealed("details")?,
        outcome: row.named("outcome", FlowOutcome::parse)?,
        outcome_detail: row.text_opt("outcome_detail")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        claimed_at: row.time_opt("claimed_at")?,
        ended_at: row.time_opt("ended_at")?,
    })
}

fn hosted(row: &Row) -> Result<Option<Hosted>> {
    let (link_id, browser_hash) = (row.id_opt("link_id")?, row.blob_opt("browser_hash")?);
    Ok(link_id.zip(browser_hash).map(|(link_id, browser_hash)| Hosted { link_id, browser_hash }))
}

/// Adds a flow and ends as superseded the one that its link has under way or, without a link, its account. Of two that
/// start at the same time, one may get a [`Conflict`](crate::StoreError::Conflict).
pub async fn insert(tx: &mut Tx, row: &Flow) -> Result<()> {
    if let Some(link) = row.link() {
        tx.execute(&SUPERSEDE, args![&row.environment_id, link, row.created_at]).await?;
    } else {
        supersede_without_link(tx, &row.environment_id, &row.account_id, row.created_at).await?;
    }
    let browser_hash = row.hosted.as_ref().map(|hosted| hosted.browser_hash.as_slice());
    let inserted = args![
        &row.environment_id,
        &row.id,
        &row.link().cloned(),
        &row.account_id,
        &row.connection_id,
        &row.state_hash,
        browser_hash,
        &row.details,
        row.outcome,
        &row.outcome_detail,
        row.created_at,
        row.expires_at,
        row.claimed_at,
        row.ended_at
    ];
    tx.execute(&INSERT, inserted).await.map(drop)
}

/// Ends as superseded the flow without a link that an account has under way, claimed or not.
pub async fn supersede_without_link(
    tx: &mut Tx,
    environment: &EnvironmentId,
    account: &AccountId,
    now: Timestamp,
) -> Result<u64> {
    tx.execute(&SUPERSEDE_WITHOUT_LINK, args![environment, account, now]).await
}

/// The flow with this hash of its state, in whatever environment: the state is unguessable and all that a callback has.
pub async fn by_state_hash_any_environment(conn: &mut Conn, hash: &[u8]) -> Result<Option<Flow>> {
    conn.optional(&BY_STATE_HASH_ANY_ENVIRONMENT, args![hash], read).await
}

/// The flow of the environment with this id.
pub async fn get(conn: &mut Conn, environment: &EnvironmentId, id: &FlowId) -> Result<Option<Flow>> {
    conn.optional(&GET, args![environment, id], read).await
}

/// The flows of an account, newest first, at most 100.
pub async fn list(conn: &mut Conn, environment: &EnvironmentId, account: &AccountId) -> Result<Vec<Flow>> {
    conn.list(&LIST, args![environment, account], read).await
}

/// Lets one callback in; `false` where one was let in before, or the flow has ended or run out of time.
pub async fn claim(tx: &mut Tx, environment: &EnvironmentId, id: &FlowId, now: Timestamp) -> Result<bool> {
    tx.changes(&CLAIM, args![environment, id, now]).await
}

/// Ends a flow that is under way, claimed or not; `false` where it has ended.
pub async fn end(
    tx: &mut Tx,
    environment: &EnvironmentId,
    id: &FlowId,
    outcome: FlowOutcome,
    detail: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    tx.changes(&END, args![environment, id, outcome, detail, now]).await
}

/// How long a callback that was let in may be at work, in seconds; longer than the provider may take to answer.
const AT_WORK: i64 = 300;

/// Flows of every environment that are under way and have run out of time, at most `limit`; for background work. A
/// flow whose callback is being worked on is left alone.
pub async fn expired(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<Flow>> {
    conn.list(&EXPIRED_ANY_ENVIRONMENT, args![now, limit, now.plus_seconds(-AT_WORK)], read).await
}
