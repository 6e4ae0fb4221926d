//! What the descriptors say about each RPC, read once at start.

use std::collections::HashMap;
use std::sync::Arc;

use prost_reflect::{DescriptorPool, DynamicMessage, ExtensionDescriptor, MethodDescriptor};
use tonic::Status;
use valetkey_core::error_code::Dialect;
use valetkey_proto::google::api::HttpRule;
use valetkey_proto::valetkey::options::v1::{Access, AuditClass};

use super::rules::MessageRules;
use crate::error::wire;

/// One RPC of the server.
#[derive(Debug)]
pub struct Method {
    /// Path of the gRPC request: `/package.Service/Rpc`.
    pub path: String,
    /// Descriptor of the RPC.
    pub descriptor: MethodDescriptor,
    /// What a caller must be permitted to do.
    pub permission: String,
    /// How a call is audited.
    pub audit: AuditClass,
    /// Whether it is not built yet: it answers `UNIMPLEMENTED`, and no document names it.
    pub unbuilt: bool,
    /// HTTP bindings: the first one and the additional ones, flattened.
    pub bindings: Vec<HttpRule>,
    rules: Option<Arc<MessageRules>>,
}

impl Method {
    /// Whose clients call it.
    pub fn dialect(&self) -> Dialect {
        dialect_of(&self.path)
    }

    /// Whether a request has to be decoded before it can be let through.
    pub(crate) fn has_rules(&self) -> bool {
        self.rules.is_some()
    }

    /// Whether a request may come with an `Idempotency-Key`: it changes something, or uses a credential.
    pub(crate) fn takes_key(&self) -> bool {
        self.dialect() == Dialect::Valetkey
            && matches!(self.audit, AuditClass::Write | AuditClass::Credential)
    }

    /// Checks the field rules of a request.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` with every violation.
    pub(crate) fn check(&self, request: &DynamicMessage) -> Result<(), Status> {
        let violations =
            self.rules.as_ref().map(|rules| rules.violations_and_zeros(request)).unwrap_or_default();
        if violations.is_empty() { Ok(()) } else { Err(wire::invalid(violations)) }
    }
}

/// All RPCs that declare who may call them, by path. One that does not is not served.
#[derive(Debug)]
pub struct Methods(HashMap<String, Arc<Method>>);

impl Methods {
    /// Reads the RPCs of `pool`.
    pub fn of(pool: &DescriptorPool) -> Self {
        let access = pool.get_extension_by_name("valetkey.options.v1.access");
        let http = pool.get_extension_by_name("google.api.http");
        let (Some(access), Some(http)) = (access, http) else { return Self(HashMap::new()) };
        let mut rules = super::rules::Compiler::new(pool);
        let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
        let read = methods.filter_map(|descriptor| {
            let declared: Access = option(&descriptor, &access)?;
            let method = Method {
                path: format!("/{}/{}", descriptor.parent_service().full_name(), descriptor.name()),
                audit: declared.audit(),
                unbuilt: declared.unbuilt,
                permission: declared.permission,
                bindings: option(&descriptor, &http).map(flatten).unwrap_or_default(),
                rules: rules.compile(&descriptor.input()),
                descriptor,
            };
            Some((method.path.clone(), Arc::new(method)))
        });
        Self(read.collect())
    }

    /// The RPC of a gRPC path.
    pub fn get(&self, path: &str) -> Option<&Arc<Method>> {
        self.0.get(path)
    }

    /// Every RPC, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Method>> {
        self.0.values()
    }
}

/// Whose clients send a gRPC request to this path.
pub(crate) fn dialect_of(path: &str) -> Dialect {
    if path.starts_with("/valetkey.v1.") { Dialect::Valetkey } else { Dialect::Scalekit }
}

fn option<T: prost::Message + Default>(
    method: &MethodDescriptor,
    extension: &ExtensionDescriptor,
) -> Option<T> {
    let options = method.options();
    if !options.has_extension(extension) {
        return None;
    }
    options.get_extension(extension).as_message()?.transcode_to().ok()
}

fn flatten(mut rule: HttpRule) -> Vec<HttpRule> {
    let additional = std::mem::take(&mut rule.additional_bindings);
    std::iter::once(rule).chain(additional).collect()
}
