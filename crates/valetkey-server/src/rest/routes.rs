//! Finds the binding of an HTTP method and path.

use std::collections::HashMap;
use std::sync::Arc;

use http::Method as HttpMethod;
use percent_encoding::percent_decode_str;
use valetkey_proto::google::api::HttpRule;
use valetkey_proto::google::api::http_rule::Pattern;

use super::template::{Segment, Template, split_verb};
use crate::rpc_gate::{Method, Methods};

/// One way to call an RPC over HTTP.
#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) method: Arc<Method>,
    /// Place among the bindings of the RPC, from 0.
    pub(crate) number: usize,
    pub(crate) http: HttpMethod,
    /// The template as declared.
    pub(crate) path: String,
    /// Request fields that the path fills, in path order.
    pub(crate) variables: Vec<String>,
    /// The field the body is read into, `*` for the whole request, empty for no body.
    pub(crate) body: String,
}

/// A tree over path segments. A literal wins over a variable.
#[derive(Debug, Default)]
pub(crate) struct RouteTree {
    literals: HashMap<String, RouteTree>,
    variable: Option<Box<RouteTree>>,
    bindings: Vec<(Option<String>, Arc<Binding>)>,
}

/// Why no binding answers a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoRoute {
    /// No binding has the path.
    NotFound,
    /// The path exists for these methods only.
    NotAllowed(Vec<HttpMethod>),
}

/// A binding and the values of its variables.
type Found<'a> = (&'a Arc<Binding>, Vec<String>);

/// Every binding of `methods`.
pub(crate) fn bindings(methods: &Methods) -> impl Iterator<Item = Binding> {
    let of_method = |method| {
        let Method { bindings, .. } = Arc::as_ref(method);
        bindings.iter().enumerate().filter_map(move |(number, rule)| Binding::of(method, number, rule))
    };
    methods.iter().flat_map(of_method)
}

impl Binding {
    fn of(method: &Arc<Method>, number: usize, rule: &HttpRule) -> Option<Self> {
        let (http, path) = match rule.pattern.as_ref()? {
            Pattern::Get(path) => (HttpMethod::GET, path),
            Pattern::Put(path) => (HttpMethod::PUT, path),
            Pattern::Post(path) => (HttpMethod::POST, path),
            Pattern::Delete(path) => (HttpMethod::DELETE, path),
            Pattern::Patch(path) => (HttpMethod::PATCH, path),
        };
        let variables = Template::parse(path).variables().map(str::to_owned).collect();
        Some(Self {
            method: method.clone(),
            number,
            http,
            path: path.clone(),
            variables,
            body: rule.body.clone(),
        })
    }
}

impl RouteTree {
    /// The bindings of `methods`.
    pub(crate) fn new(methods: &Methods) -> Self {
        let mut tree = Self::default();
        for binding in bindings(methods) {
            tree.insert(binding);
        }
        tree
    }

    fn insert(&mut self, binding: Binding) {
        let template = Template::parse(&binding.path);
        let leaf = template.segments.into_iter().fold(self, |node, segment| match segment {
            Segment::Literal(text) => node.literals.entry(text).or_default(),
            Segment::Variable(_) => node.variable.get_or_insert_default(),
        });
        leaf.bindings.push((template.verb, Arc::new(binding)));
    }

    /// The binding of `http` at `path`, with the decoded values of its variables.
    ///
    /// The last segment is first read with a verb and then, because an id may contain a colon, as a whole.
    pub(crate) fn find(&self, http: &HttpMethod, path: &str) -> Result<Found<'_>, NoRoute> {
        let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        let mut search = Search { http, verb: None, values: Vec::new(), allowed: Vec::new() };
        if let Some((last, outer)) = segments.split_last()
            && let Some((stem, verb)) = split_verb(last)
        {
            search.verb = Some(verb);
            let segments: Vec<&str> = outer.iter().copied().chain([stem]).collect();
            if let Some(binding) = search.walk(self, &segments) {
                return Ok((binding, search.values));
            }
        }
        search.verb = None;
        match search.walk(self, &segments) {
            Some(binding) => Ok((binding, search.values)),
            None if search.allowed.is_empty() => Err(NoRoute::NotFound),
            None => Err(NoRoute::NotAllowed(search.allowed)),
        }
    }
}

struct Search<'r> {
    http: &'r HttpMethod,
    verb: Option<&'r str>,
    values: Vec<String>,
    /// Methods of bindings that have the path.
    allowed: Vec<HttpMethod>,
}

impl Search<'_> {
    fn walk<'t>(&mut self, node: &'t RouteTree, segments: &[&str]) -> Option<&'t Arc<Binding>> {
        let Some((segment, rest)) = segments.split_first() else {
            return self.here(node);
        };
        let text = percent_decode_str(segment).decode_utf8().ok()?;
        if let Some(literal) = node.literals.get(text.as_ref())
            && let Some(binding) = self.walk(literal, rest)
        {
            return Some(binding);
        }
        let variable = node.variable.as_deref().filter(|_| !text.is_empty())?;
        self.values.push(text.into_owned());
        let found = self.walk(variable, rest);
        if found.is_none() {
            self.values.pop();
        }
        found
    }

    fn here<'t>(&mut self, node: &'t RouteTree) -> Option<&'t Arc<Binding>> {
        let fitting = || node.bindings.iter().filter(|(verb, _)| verb.as_deref() == self.verb);
        let found = fitting().find(|(_, binding)| binding.http == *self.http).map(|(_, binding)| binding);
        if found.is_none() {
            let methods = fitting().map(|(_, binding)| binding.http.clone());
            let new: Vec<_> = methods.filter(|method| !self.allowed.contains(method)).collect();
            self.allowed.extend(new);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;
    use valetkey_proto::descriptor_pool;

    use super::*;

    thread_local! {
        static TREE: RouteTree = RouteTree::new(&Methods::of(descriptor_pool()));
    }

    fn find(http: &HttpMethod, path: &str) -> Result<(String, Vec<String>), NoRoute> {
        TREE.with(|tree| tree.find(http, path).map(|(binding, values)| (binding.path.clone(), values)))
    }

    #[test]
    fn a_literal_wins_over_a_variable_and_a_verb_over_a_colon_in_an_id() {
        for (path, template) in [("this", "this"), ("auth", "auth"), ("ca_1", "{id}"), ("a:b", "{id}")] {
            let found = find(&HttpMethod::GET, &format!("/api/v1/connected_accounts/{path}")).unwrap();
            assert_eq!(found.0, format!("/api/v1/connected_accounts/{template}"));
        }
        let found = find(&HttpMethod::PATCH, "/api/v1/connections/a:b:enable").unwrap();
        assert_eq!(found, ("/api/v1/connections/{connection_id}:enable".to_owned(), vec!["a:b".to_owned()]));
    }

    proptest! {
        #[test]
        fn a_value_in_the_path_arrives_as_it_was_sent(value in ".+") {
            let sent = utf8_percent_encode(&value, NON_ALPHANUMERIC);
            let found = find(&HttpMethod::DELETE, &format!("/api/v1/custom-providers/{sent}")).unwrap();
            prop_assert_eq!(found.1, vec![value]);
        }

        #[test]
        fn no_path_is_too_odd_to_look_up(path in "(/[a-z%:{}/.]{0,8}){0,6}") {
            let _ = find(&HttpMethod::GET, &format!("/api/v1{path}"));
        }
    }
}
