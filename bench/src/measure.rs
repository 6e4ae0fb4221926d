//! Which cells are measured, in which order.
//!
//! The machine is noisy and may be shared, so cells that are compared follow each other closely, several times over,
//! and what is reported are medians: of the samples, and of the ratios within each round.

use crate::{
    Outcome,
    client::Client,
    load::{Load, Sample, run},
    request::{Call, Requests, Transport},
    server::Server,
};

/// The samples of one kind of request, one per round and server: few accounts, many accounts.
pub(crate) struct Series {
    pub(crate) transport: Transport,
    pub(crate) call: Call,
    pub(crate) samples: Vec<[Sample; 2]>,
}

/// A server with what its measurement needs.
pub(crate) struct Subject {
    pub(crate) server: Server,
    deep: String,
}

impl Subject {
    /// Prepares a server, and checks that it answers with the account that was asked for.
    pub(crate) async fn new(server: Server) -> Outcome<Self> {
        let deep = deep_page(&server).await?;
        Ok(Self { server, deep })
    }
}

/// The token of the page after the account at nine tenths of the list.
async fn deep_page(server: &Server) -> Outcome<String> {
    let mut client = Client::several(Transport::Rest, server.address, 1).await?.remove(0);
    let number = server.accounts * 9 / 10;
    let request = Requests::details(server, number)?;
    let answer: serde_json::Value = serde_json::from_slice(&client.call(request).await?)?;
    let account = &answer["connected_account"];
    if account["identifier"] != crate::seed::identifier(number) {
        return Err(format!("asked for account {number}, but the answer is {answer}").into());
    }
    let id = account["id"].as_str().unwrap_or_default();
    Ok(format!("n{}", id.trim_start_matches("ca_")))
}

/// Measures `calls` by `transport` on both servers, `rounds` times.
pub(crate) async fn rounds(
    subjects: &[Subject; 2],
    transport: Transport,
    calls: &[Call],
    rounds: usize,
    load: Load,
) -> Outcome<Vec<Series>> {
    let mut series: Vec<Series> =
        calls.iter().map(|call| Series { transport, call: *call, samples: vec![] }).collect();
    for _ in 0..rounds {
        let mut round = vec![[Sample::default(); 2]; calls.len()];
        for (place, Subject { server, deep }) in subjects.iter().enumerate() {
            for (call, samples) in calls.iter().zip(&mut round) {
                samples[place] = run(server, transport, *call, deep, load).await?;
            }
        }
        for (series, samples) in series.iter_mut().zip(round) {
            series.samples.push(samples);
        }
    }
    Ok(series)
}
