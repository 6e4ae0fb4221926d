//! The search for tools, with many of them.

use std::time::Instant;

use clap::Args;
use valetkey_core::{
    connector::{Registry, builtin},
    tool::search::{Searched, ToolIndex},
};

use crate::Outcome;

/// How the search is measured.
#[derive(Args, Clone, Copy)]
pub(crate) struct Options {
    /// Tools. Those that come with Valetkey are repeated under other connectors.
    #[arg(long, default_value_t = 5_000)]
    tools: usize,
}

/// Requests as people make them.
const REQUESTS: &str = include_str!("../../crates/valetkey-core/tests/connector/requests.tsv");

/// How often the whole set of requests is searched.
const ROUNDS: usize = 5;

/// Measures, and prints what was found.
pub(crate) fn measure(options: Options) -> Outcome<()> {
    let registry = Registry::from_sources(builtin(), &[]).map_err(|errors| format!("{errors:?}"))?;
    let known: Vec<_> = registry
        .iter()
        .flat_map(|connector| registry.tools(&connector.slug).iter().map(move |tool| (connector, tool)))
        .collect();
    let copies = (0..options.tools).map(|number| {
        let (connector, tool) = known[number % known.len()];
        (number / known.len(), connector, tool, tool.name.replace('_', " "))
    });
    let copies: Vec<_> = copies.collect();
    let slugs: Vec<String> =
        copies.iter().map(|(copy, connector, ..)| format!("{}{copy}", connector.slug)).collect();
    let begun = Instant::now();
    let index =
        ToolIndex::new(copies.iter().zip(&slugs).map(|((_, connector, tool, name), slug)| Searched {
            name,
            title: &tool.title,
            keywords: &tool.keywords,
            description: &tool.description,
            connector: (slug, &connector.name),
            priority: connector.display_priority,
        }));
    println!("{} tools indexed in {:.0} ms", copies.len(), begun.elapsed().as_secs_f64() * 1000.0);
    let requests: Vec<&str> = REQUESTS.lines().filter_map(|line| line.split('\t').next()).collect();
    let mut latencies = Vec::new();
    for request in requests.iter().cycle().take(requests.len() * ROUNDS) {
        let begun = Instant::now();
        std::hint::black_box(index.search(request, 10));
        latencies.push(begun.elapsed());
    }
    latencies.sort_unstable();
    let at = |hundredths: usize| latencies[latencies.len() * hundredths / 100].as_secs_f64() * 1000.0;
    println!(
        "{} searches: median {:.3} ms, p99 {:.3} ms (target: median under 5 ms)",
        latencies.len(),
        at(50),
        at(99)
    );
    Ok(())
}
