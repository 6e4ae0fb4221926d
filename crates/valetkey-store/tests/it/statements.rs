//! What holds for every statement.

use std::collections::BTreeSet;

use crate::support::Database;

#[tokio::test]
async fn the_engine_accepts_every_statement() {
    let db = Database::new().await;
    let mut reader = db.pool.read().await.unwrap();
    for stmt in valetkey_store::statements() {
        reader.prepare(stmt).await.unwrap_or_else(|error| panic!("{}: {:?}", stmt.name, error));
    }
}

#[test]
fn statements_have_different_names() {
    let names: Vec<_> = valetkey_store::statements().map(|stmt| stmt.name).collect();
    assert!(names.len() > 90, "{}", names.len());
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}

/// SQLite compiles a statement again each time another value is bound to a limit that is a bare parameter.
#[test]
fn no_limit_is_a_bare_parameter() {
    for stmt in valetkey_store::statements() {
        assert!(!stmt.sqlite_text().contains("LIMIT $"), "{}: write LIMIT CAST($n AS BIGINT)", stmt.name);
    }
}

/// Compared for each row, a parameter that is an empty text costs many times what its length does, which is looked at
/// once: the driver binds it at an address that is no memory, and comparing there is slow on current processors.
#[test]
fn no_parameter_is_compared_with_an_empty_text() {
    for stmt in valetkey_store::statements() {
        let sql = stmt.sqlite_text();
        let compared = sql
            .split('$')
            .skip(1)
            .any(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(" = ''"));
        assert!(!compared, "{}: write LENGTH($n) = 0", stmt.name);
    }
}

#[test]
fn every_statement_on_rows_of_tenants_names_the_environment() {
    const OF_THE_INSTALLATION: &[&str] = &[
        "data_key::",
        "environment::",
        "operator_session::",
        "schema::",
        "signing_key::",
        "sweep::OPERATOR_SESSIONS",
        "token_host::",
    ];
    for stmt in valetkey_store::statements() {
        let exempt = stmt.name.ends_with("_ANY_ENVIRONMENT")
            || OF_THE_INSTALLATION.iter().any(|prefix| stmt.name.starts_with(prefix));
        let sql = stmt.sqlite_text();
        let named = sql.contains("environment_id = $1") || sql.trim_start().starts_with("INSERT INTO");
        assert!(exempt || named, "{}: {sql}", stmt.name);
    }
}

/// On SQLite, whose plans do not depend on how much is stored.
#[tokio::test]
async fn no_statement_walks_or_sorts_a_table_that_grows() {
    // The latter sorts the tools of one account.
    const MAY_SORT: &[&str] = &["custom_connector::LIST", "tool_call::TOOLS"];
    const MAY_SCAN: &[&str] = &[
        "environment::LIST",
        "schema::",
        "signing_key::LIST",
        "sweep::OPERATOR_SESSIONS",
        "token_host::ALL",
    ];
    let db = Database::new().await;
    let Some(path) = db.url.strip_prefix("sqlite:") else { return };
    let conn = rusqlite::Connection::open(path).unwrap();
    for stmt in valetkey_store::statements() {
        let sql = format!("EXPLAIN QUERY PLAN {}", stmt.sqlite_text());
        let mut explained = conn.prepare(&sql).unwrap();
        let steps = explained.raw_query().mapped(|row| row.get("detail"));
        let plan: Vec<String> = steps.collect::<Result<_, _>>().unwrap();
        let may = |list: &[&str]| list.iter().any(|prefix| stmt.name.starts_with(prefix));
        let scans = |step: &&String| {
            let given = ["CONSTANT ROW", "capped", "json_each VIRTUAL TABLE", "SCAN made"];
            step.starts_with("SCAN ") && !given.iter().any(|what| step.contains(what))
        };
        assert!(may(MAY_SCAN) || !plan.iter().any(|step| scans(&step)), "{}: {plan:#?}", stmt.name);
        assert!(
            may(MAY_SORT) || !plan.iter().any(|step| step.contains("ORDER BY")),
            "{}: {plan:#?}",
            stmt.name
        );
    }
}
