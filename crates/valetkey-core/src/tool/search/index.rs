//! The index.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::words::{stems, synonyms};

/// What a tool is found by.
#[derive(Clone, Copy, Debug)]
pub struct Searched<'a> {
    /// Its name, with spaces between words and without the slug.
    pub name: &'a str,
    /// The title.
    pub title: &'a str,
    /// Further words.
    pub keywords: &'a [String],
    /// The description.
    pub description: &'a str,
    /// Slug and name of the connector.
    pub connector: (&'a str, &'a str),
    /// How much is meant where nothing is said, from 0 to 10.
    pub priority: u8,
}

/// A tool that was found.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hit {
    /// Its place in the list that the index was made of.
    pub tool: usize,
    /// How well it fits; greater is better. Comparable within one search only.
    pub score: f64,
}

/// How much a word counts in each field.
const NAME: f64 = 3.0;
const TITLE: f64 = 2.0;
const KEYWORDS: f64 = 2.0;
const DESCRIPTION: f64 = 0.6;
const CONNECTOR: f64 = 2.5;

/// How soon repetitions of a word stop counting (k1 of BM25).
const SATURATION: f64 = 1.2;

/// How much a long text is held against its words (b of BM25).
const LENGTH: f64 = 0.5;

/// How much a synonym counts against the word itself.
const SYNONYM: f64 = 0.5;

/// How much each step of priority counts.
const PRIORITY: f64 = 0.03;

/// An inverted index of tools.
#[derive(Clone, Debug, Default)]
pub struct ToolIndex {
    /// For each stem, the tools that have it, with its weighted frequency there.
    postings: HashMap<String, Vec<(u32, f64)>>,
    /// What the score of each tool is multiplied by.
    priors: Vec<f64>,
}

impl ToolIndex {
    /// An index of `tools`.
    pub fn new<'a>(tools: impl IntoIterator<Item = Searched<'a>>) -> Self {
        let (documents, priors): (Vec<BTreeMap<String, f64>>, Vec<f64>) =
            tools.into_iter().map(|tool| (weighted(tool), 1.0 + PRIORITY * f64::from(tool.priority))).unzip();
        let sizes: Vec<f64> = documents.iter().map(|document| document.values().sum()).collect();
        let mean = sizes.iter().sum::<f64>() / as_f64(sizes.len().max(1));
        let mut postings: HashMap<String, Vec<(u32, f64)>> = HashMap::new();
        for (number, (document, size)) in documents.into_iter().zip(&sizes).enumerate() {
            let norm = 1.0 - LENGTH + LENGTH * size / mean.max(f64::MIN_POSITIVE);
            for (stem, weight) in document {
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                postings.entry(stem).or_default().push((number, weight / norm));
            }
        }
        Self { postings, priors }
    }

    /// The `limit` tools that fit a request best, the best first. Equal ones come in the order of the list.
    pub fn search(&self, request: &str, limit: usize) -> Vec<Hit> {
        let wanted: HashSet<String> = stems(request).into_iter().collect();
        let mut scores: HashMap<u32, (f64, u32)> = HashMap::new();
        for stem in &wanted {
            let mut of_stem: HashMap<u32, f64> = HashMap::new();
            let forms = std::iter::once((stem.clone(), 1.0))
                .chain(synonyms(stem).into_iter().map(|other| (other, SYNONYM)));
            for (form, share) in forms {
                for (tool, score) in self.scores(&form) {
                    let best = of_stem.entry(tool).or_default();
                    *best = best.max(score * share);
                }
            }
            for (tool, score) in of_stem {
                let (sum, met) = scores.entry(tool).or_default();
                *sum += score;
                *met += 1;
            }
        }
        let all = as_f64(wanted.len().max(1));
        let mut hits: Vec<Hit> = scores
            .into_iter()
            // Who meets most of what is asked comes before who meets one rare word of it very well.
            .map(|(tool, (sum, met))| {
                let prior = self.priors.get(tool as usize).copied().unwrap_or(1.0);
                Hit { tool: tool as usize, score: prior * sum * (0.5 + 0.5 * f64::from(met) / all) }
            })
            .collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.tool.cmp(&b.tool)));
        hits.truncate(limit);
        hits
    }

    fn scores(&self, stem: &str) -> impl Iterator<Item = (u32, f64)> {
        let found = self.postings.get(stem).map(Vec::as_slice).unwrap_or_default();
        let (all, having) = (as_f64(self.priors.len()), as_f64(found.len()));
        let rarity = (1.0 + (all - having + 0.5) / (having + 0.5)).ln();
        found.iter().map(move |(tool, weight)| (*tool, rarity * weight / (SATURATION + weight)))
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are never 2^52 tools")]
const fn as_f64(count: usize) -> f64 {
    count as f64
}

/// The stems of a tool, each with the sum of the weights of the fields that have it.
fn weighted(tool: Searched<'_>) -> BTreeMap<String, f64> {
    let mut document = BTreeMap::new();
    let mut add = |text: &str, weight: f64| {
        let once: HashSet<String> = stems(text).into_iter().collect();
        for stem in once {
            *document.entry(stem).or_insert(0.0) += weight;
        }
    };
    add(tool.name, NAME);
    add(tool.title, TITLE);
    add(&tool.keywords.join(" "), KEYWORDS);
    add(tool.description, DESCRIPTION);
    add(&format!("{} {}", tool.connector.0, tool.connector.1), CONNECTOR);
    document
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn tool<'a>(name: &'a str, description: &'a str, connector: (&'a str, &'a str)) -> Searched<'a> {
        Searched { name, title: "", keywords: &[], description, connector, priority: 0 }
    }

    fn index() -> ToolIndex {
        ToolIndex::new([
            tool("send email", "Sends an e-mail from the mailbox.", ("gmail", "Gmail")),
            tool("send message", "Sends a message to a channel.", ("slack", "Slack")),
            tool("create event", "Puts an event into the calendar.", ("googlecalendar", "Google Calendar")),
        ])
    }

    #[test]
    fn words_synonyms_and_forms_find_their_tool() {
        let best = |request: &str| index().search(request, 1)[0].tool;
        assert_eq!(best("send an email to bob"), 0);
        assert_eq!(best("mail the report"), 0);
        assert_eq!(best("tell the slack channel"), 1);
        assert_eq!(best("schedule meetings in my calendar"), 2);
        assert!(index().search("xyzzy", 5).is_empty());
    }

    proptest! {
        #[test]
        fn hits_are_in_order_of_their_score_and_not_more_than_asked_for(request in "\\PC{0,60}", limit in 0_usize..5) {
            let hits = index().search(&request, limit);
            prop_assert!(hits.len() <= limit);
            prop_assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score));
        }
    }
}
