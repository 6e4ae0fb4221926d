//! How long calls are kept.

use valetkey_core::{Clock, call::CallSource};
use valetkey_store::tool_call::{self, DayCount};
use valetkey_testkit::app::{Outcome, TestApp, TestAppOptions};

use super::support::{account, ids, logs, tool_call};

const DAY: i64 = 86_400;

#[tokio::test]
async fn a_call_is_removed_when_its_time_is_over_and_the_counts_stay() -> Outcome<()> {
    let settings: fn(&mut valetkey_app::Settings) = |settings| {
        settings.call_retention_days = 2;
        settings.access_token_lifetime = 30 * DAY;
    };
    let app = TestApp::with(TestAppOptions { settings: Some(settings), ..TestAppOptions::default() }).await?;
    let start = app.clock.now();
    for number in 0..1200 {
        let mut call = tool_call(&app, start, number);
        call.source = if number < 200 { CallSource::Proxy } else { CallSource::Mcp };
        app.app.record_call(call);
    }
    let later = tool_call(&app, start.plus_seconds(DAY), 5000);
    app.app.record_call(later.clone());
    app.app.flush_uses().await?;
    app.clock.advance(2 * DAY);
    app.app.sweep().await?;
    assert_eq!(super::support::stored(&app).await?, 1201, "nothing is older than two days");
    app.clock.advance(1);
    app.app.sweep().await?;
    assert_eq!(ids(&logs(&app, "").await?), [later.id.to_string()]);
    let today = start.seconds() / DAY;
    let mut reader = app.pool.read().await?;
    let days = tool_call::days(&mut reader, &app.environment.id, &account(0), today, today + 1).await?;
    let counted = |day, tool_executions, api_requests| DayCount {
        day,
        tool_executions,
        api_requests,
        ..DayCount::default()
    };
    assert_eq!(days, [counted(today, 1000, 200), counted(today + 1, 1, 0)]);
    Ok(())
}
