//! Reads the `buf.validate` options of descriptors.

use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, MessageDescriptor,
};
use valetkey_proto::buf::validate::{FieldRules, MessageOneofRule, MessageRules};

/// The rules as `proto/` declares them.
pub(crate) struct Declared {
    field: Option<ExtensionDescriptor>,
    message: Option<ExtensionDescriptor>,
}

impl Declared {
    pub(crate) fn new(pool: &DescriptorPool) -> Self {
        Self {
            field: pool.get_extension_by_name("buf.validate.field"),
            message: pool.get_extension_by_name("buf.validate.message"),
        }
    }

    /// The rules of a field; none by default.
    pub(crate) fn field(&self, field: &FieldDescriptor) -> FieldRules {
        read(&field.options(), self.field.as_ref()).unwrap_or_default()
    }

    /// The groups of fields of which at most one may be set.
    pub(crate) fn groups(&self, message: &MessageDescriptor) -> Vec<MessageOneofRule> {
        read::<MessageRules>(&message.options(), self.message.as_ref()).unwrap_or_default().oneof
    }
}

fn read<T: prost::Message + Default>(
    options: &DynamicMessage,
    extension: Option<&ExtensionDescriptor>,
) -> Option<T> {
    options.get_extension(extension?).as_message()?.transcode_to().ok()
}
