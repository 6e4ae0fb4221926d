//! How calls get into the log: in batches beside the calls, none of which is lost unless the process is killed.

use valetkey_core::{Clock, call::CallOutcome};
use valetkey_store::tool_call;
use valetkey_testkit::app::{Outcome, TestApp, TestAppOptions};

use super::support::{account, log, still_waits, stored, tool_call as made};
use crate::{database, vault::Log};

#[tokio::test]
async fn a_clean_end_of_the_server_loses_no_call() -> Outcome<()> {
    let app = TestApp::start().await?;
    let background = tokio::spawn({
        let app = app.app.clone();
        async move { app.run_background().await }
    });
    let now = app.clock.now();
    // A first batch is out of the queue and cannot be written while the server is asked to end.
    let lock = database::lock(&app).await?;
    (0..700).for_each(|number| app.app.record_call(made(&app, now, number)));
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    app.app.wind_down();
    (700..1000).for_each(|number| app.app.record_call(made(&app, now, number)));
    lock.release().await?;
    background.await?;
    assert_eq!(stored(&app).await?, 1000);
    Ok(())
}

#[tokio::test]
async fn a_flush_that_is_given_up_loses_no_call() -> Outcome<()> {
    let app = TestApp::start().await?;
    let lock = database::lock(&app).await?;
    app.app.record_call(made(&app, app.clock.now(), 1));
    {
        let mut flush = Box::pin(app.app.flush_uses());
        assert!(still_waits(&mut flush, 100).await, "it waits for the lock");
    }
    lock.release().await?;
    app.app.flush_uses().await?;
    assert_eq!(stored(&app).await?, 1);
    Ok(())
}

#[tokio::test]
async fn calls_that_cannot_be_written_for_a_while_are_in_the_log_afterwards() -> Outcome<()> {
    let app = TestApp::start().await?;
    let now = app.clock.now();
    database::run(&app, "ALTER TABLE tool_calls RENAME TO tool_calls_elsewhere").await?;
    (0..1100).for_each(|number| app.app.record_call(made(&app, now, number)));
    assert!(app.app.flush_uses().await.is_err());
    database::run(&app, "ALTER TABLE tool_calls_elsewhere RENAME TO tool_calls").await?;
    app.app.flush_uses().await?;
    assert_eq!(stored(&app).await?, 1100);
    Ok(())
}

#[tokio::test]
async fn a_batch_that_was_written_although_nobody_was_told_counts_once() -> Outcome<()> {
    let app = TestApp::start().await?;
    let now = app.clock.now();
    for repeated in [0..2, 0..3] {
        repeated.for_each(|number| app.app.record_call(made(&app, now, number)));
        app.app.flush_uses().await?;
    }
    assert_eq!(stored(&app).await?, 3);
    let mut reader = app.pool.read().await?;
    let days = tool_call::days(&mut reader, &app.environment.id, &account(0), 0, i64::MAX).await?;
    assert_eq!(days.iter().map(|day| day.tool_executions).sum::<i64>(), 3);
    Ok(())
}

#[tokio::test]
async fn calls_for_which_there_is_no_room_are_counted_in_the_log_of_the_server() -> Outcome<()> {
    let heard = Log::of_process();
    let app = TestApp::start().await?;
    let now = app.clock.now();
    database::run(&app, "ALTER TABLE tool_calls RENAME TO tool_calls_elsewhere").await?;
    (0..100_023).for_each(|number| app.app.record_call(made(&app, now, number)));
    let told = |log: &Log| {
        let text = String::from_utf8_lossy(&log.bytes()).into_owned();
        text.lines().any(|line| line.contains("missing from the log") && line.contains("calls=23"))
    };
    while !told(&heard) {
        tokio::task::yield_now().await;
    }
    Ok(())
}

#[tokio::test]
async fn a_message_is_cut_and_left_out_where_the_operator_wants_codes_only() -> Outcome<()> {
    let quiet: fn(&mut valetkey_app::Settings) = |settings| settings.error_messages = false;
    for (settings, length) in [(None, 500), (Some(quiet), 0)] {
        let app = TestApp::with(TestAppOptions { settings, ..TestAppOptions::default() }).await?;
        let mut call = made(&app, app.clock.now(), 1);
        call.outcome = CallOutcome::ProviderError;
        (call.error_code, call.error_message) = ("teapot".into(), "ü".repeat(2000));
        let id = call.id.to_string();
        app.app.record_call(call);
        app.app.flush_uses().await?;
        let found = log(&app, &id).await?;
        assert_eq!(found["error_code"], "teapot");
        assert_eq!(found["error_message"].as_str().map(|text| text.chars().count()), Some(length));
    }
    Ok(())
}
