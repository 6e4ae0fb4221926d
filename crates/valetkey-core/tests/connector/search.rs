//! How well tools are found: a labelled set of requests as people make them.

use std::sync::Arc;

use valetkey_core::{
    connector::{Connector, Registry, builtin},
    tool::{
        Tool,
        search::{Searched, ToolIndex},
    },
};

/// Requests, each with the tools that are right for it.
const REQUESTS: &str = include_str!("requests.tsv");

/// How many tools a model is shown.
const SHOWN: usize = 5;

fn catalogue(registry: &Registry) -> Vec<(Arc<Connector>, Arc<Tool>)> {
    let of = |connector: &Arc<Connector>| {
        registry
            .tools(&connector.slug)
            .iter()
            .map(|tool| (connector.clone(), tool.clone()))
            .collect::<Vec<_>>()
    };
    registry.iter().flat_map(of).collect()
}

#[test]
fn the_wanted_tool_is_among_the_first_five_for_nine_requests_of_ten() {
    let registry = Registry::from_sources(builtin(), &[]).unwrap();
    let tools = catalogue(&registry);
    let names: Vec<String> = tools
        .iter()
        .map(|(connector, tool)| tool.name.trim_start_matches(connector.slug.as_str()).replace('_', " "))
        .collect();
    let index = ToolIndex::new(tools.iter().zip(&names).map(|((connector, tool), name)| Searched {
        name,
        title: &tool.title,
        keywords: &tool.keywords,
        description: &tool.description,
        connector: (&connector.slug, &connector.name),
        priority: connector.display_priority,
    }));
    let (mut all, mut missed) = (0, Vec::new());
    for line in REQUESTS.lines() {
        let (request, wanted) = line.split_once('\t').unwrap();
        let wanted: Vec<&str> = wanted.split('|').collect();
        for name in &wanted {
            assert!(tools.iter().any(|(_, tool)| tool.name == *name), "no tool {name}");
        }
        let found: Vec<&str> =
            index.search(request, SHOWN).into_iter().map(|hit| tools[hit.tool].1.name.as_str()).collect();
        all += 1;
        if !wanted.iter().any(|name| found.contains(name)) {
            missed.push(format!("{request}: {found:?}"));
        }
    }
    assert!(all >= 150);
    assert!(missed.len() * 10 <= all, "{} of {all} missed:\n{}", missed.len(), missed.join("\n"));
}
