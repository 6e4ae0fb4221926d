//! Large bodies pass through without being kept.

use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt;
use hyper::body::Frame;
use serde_json::Value;
use valetkey_testkit::app::Outcome;

use super::{
    client::{by_pieces, empty, http1},
    to, with_alice,
};

/// How much passes.
const SIZE: u64 = 200 * 1024 * 1024;

/// By how much the memory of this process may grow meanwhile: server, provider and client together.
const MORE: u64 = 32 * 1024 * 1024;

/// The memory of this process at its most so far, in bytes (`VmHWM`); `None` where there is no `/proc`.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

fn assert_flat(before: Option<u64>) {
    if let (Some(before), Some(after)) = (before, peak()) {
        // The kernel counts in batches, so that the figure may also fall.
        let more = after.saturating_sub(before);
        assert!(more < MORE, "grew by {} MiB", more / 1024 / 1024);
    }
}

#[tokio::test]
async fn a_download_of_200_mb_is_not_kept_in_memory() -> Outcome<()> {
    let world = with_alice().await?;
    for kind in ["application/octet-stream", "application/json"] {
        let before = peak();
        let path = format!("/api/download/{SIZE}?content_type={kind}");
        let answer = http1(&world.app, to(&world.app, Method::GET, &path).body(empty())?).await?;
        assert_eq!(answer.headers()["content-length"], SIZE.to_string().as_str());
        let (mut body, mut length) = (answer.into_body(), 0);
        while let Some(frame) = body.frame().await {
            length += frame?.into_data().map_or(0, |data| data.len() as u64);
        }
        assert_eq!(length, SIZE);
        assert_flat(before);
    }
    Ok(())
}

#[tokio::test]
async fn an_upload_of_200_mb_is_not_kept_in_memory() -> Outcome<()> {
    let world = with_alice().await?;
    let before = peak();
    let (pieces, body) = by_pieces();
    let request = to(&world.app, Method::PUT, "/api/request").body(body)?;
    let written = async {
        let piece = Bytes::from(vec![b'u'; 64 * 1024]);
        for _ in 0..SIZE / piece.len() as u64 {
            pieces.send(Ok(Frame::data(piece.clone()))).await?;
        }
        drop(pieces);
        Outcome::Ok(())
    };
    let (answer, written) = tokio::join!(http1(&world.app, request), written);
    written?;
    let shown: Value = serde_json::from_slice(&answer?.into_body().collect().await?.to_bytes())?;
    assert_eq!(shown["length"], SIZE);
    assert_flat(before);
    Ok(())
}
