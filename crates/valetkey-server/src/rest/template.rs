//! Path templates of `google.api.http`: `/v1/things/{id}:verb`.
//!
//! The wire uses single-segment variables only; `*`, `**` and `{name=pattern}` are not understood.

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    pub(super) segments: Vec<Segment>,
    /// What follows the last colon of the last segment.
    pub(super) verb: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    Literal(String),
    /// Path of the request field that takes the segment.
    Variable(String),
}

impl Template {
    /// Parses a template of the descriptors.
    pub(super) fn parse(text: &str) -> Self {
        let (path, last) = text.trim_start_matches('/').rsplit_once('/').unwrap_or(("", text));
        let (last, verb) =
            split_verb(last).map_or((last, None), |(stem, verb)| (stem, Some(verb.to_owned())));
        let outer = path.split('/').filter(|segment| !segment.is_empty());
        Self { segments: outer.chain([last]).map(Segment::parse).collect(), verb }
    }

    /// Fields that the path fills, in path order.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Variable(field) => Some(field.as_str()),
            Segment::Literal(_) => None,
        })
    }
}

impl Segment {
    fn parse(text: &str) -> Self {
        match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(field) => Self::Variable(field.to_owned()),
            None => Self::Literal(text.to_owned()),
        }
    }
}

/// The last segment of a path without its verb, and the verb.
pub(super) fn split_verb(segment: &str) -> Option<(&str, &str)> {
    segment.rsplit_once(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Segment {
        Segment::Literal(text.to_owned())
    }

    #[test]
    fn a_verb_ends_the_last_segment_and_a_colon_elsewhere_is_literal() {
        let template = Template::parse("/v1/orgs:external/{external_id}:get");
        let id = Segment::Variable("external_id".to_owned());
        assert_eq!(template.segments, [literal("v1"), literal("orgs:external"), id]);
        assert_eq!(template.verb.as_deref(), Some("get"));
    }

    #[test]
    fn a_template_without_verb_or_variable_is_all_literals() {
        let template = Template::parse("/v1/things");
        assert_eq!(template, Template { segments: vec![literal("v1"), literal("things")], verb: None });
    }
}
