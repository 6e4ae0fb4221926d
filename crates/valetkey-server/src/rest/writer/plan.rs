//! What is written of each message.

use std::collections::HashMap;

use prost_reflect::{DescriptorPool, EnumDescriptor, FieldDescriptor, Kind as Declared, MessageDescriptor};

/// The plans of all messages of a pool.
pub(super) struct Plans {
    messages: Vec<Message>,
    places: HashMap<String, usize>,
}

/// The fields of a message in the order of their numbers.
pub(super) struct Message {
    pub(super) fields: Vec<Field>,
}

pub(super) struct Field {
    pub(super) number: u32,
    /// The name as it stands before a value: `"name":`.
    pub(super) key: String,
    /// What stands in the place of a value that is not there: name and default. `None` where nothing does, because
    /// the field can be unset.
    pub(super) absent: Option<String>,
    /// The oneof that it belongs to, by its place among those of the message.
    pub(super) oneof: Option<u32>,
    pub(super) shape: Shape,
}

pub(super) enum Shape {
    One(Kind),
    List(Kind),
    Map(Scalar, Kind),
}

pub(super) enum Kind {
    Scalar(Scalar),
    /// A message, by its place among the plans.
    Message(usize),
    /// A message with the one field `value`, such as `google.protobuf.StringValue`, which is written as that value.
    Wrapper(Scalar),
    Timestamp,
    Struct,
    Value,
    ListValue,
    /// A kind that is not written here.
    Other,
}

pub(super) enum Scalar {
    Bool,
    Int32,
    Sint32,
    Sfixed32,
    Uint32,
    Fixed32,
    Int64,
    Sint64,
    Sfixed64,
    Uint64,
    Fixed64,
    Float,
    Double,
    String,
    Bytes,
    /// Each known number with its name in quotes, in the order of the numbers.
    Enum(Vec<(i32, String)>),
    /// `google.protobuf.NullValue`.
    Null,
}

impl Plans {
    pub(super) fn of(pool: &DescriptorPool) -> Self {
        let places = pool.all_messages().zip(0..).map(|(message, place)| (message.full_name().into(), place));
        let mut plans = Self { messages: vec![], places: places.collect() };
        plans.messages = pool.all_messages().map(|message| plans.message(&message)).collect();
        plans
    }

    pub(super) fn get(&self, place: usize) -> Option<&Message> {
        self.messages.get(place)
    }

    /// How a message is written.
    pub(super) fn kind_of(&self, message: &MessageDescriptor) -> Kind {
        let Some(known) = message.full_name().strip_prefix("google.protobuf.") else {
            return self.places.get(message.full_name()).map_or(Kind::Other, |place| Kind::Message(*place));
        };
        match known {
            "Timestamp" => Kind::Timestamp,
            "Struct" => Kind::Struct,
            "Value" => Kind::Value,
            "ListValue" => Kind::ListValue,
            "BoolValue" => Kind::Wrapper(Scalar::Bool),
            "StringValue" => Kind::Wrapper(Scalar::String),
            "Int32Value" => Kind::Wrapper(Scalar::Int32),
            "Int64Value" => Kind::Wrapper(Scalar::Int64),
            _ => Kind::Other,
        }
    }

    fn message(&self, message: &MessageDescriptor) -> Message {
        let oneofs: Vec<_> = message.oneofs().collect();
        let place = |field: &FieldDescriptor| {
            let oneof = field.containing_oneof()?;
            oneofs.iter().zip(0..).find(|(other, _)| **other == oneof).map(|(_, place)| place)
        };
        let mut fields: Vec<Field> =
            message.fields().map(|field| Field { oneof: place(&field), ..self.field(&field) }).collect();
        fields.sort_by_key(|field| field.number);
        Message { fields }
    }

    fn field(&self, field: &FieldDescriptor) -> Field {
        let key = format!("\"{}\":", field.name());
        let shape = self.shape(field);
        let default = match &shape {
            _ if field.supports_presence() => None,
            Shape::One(Kind::Scalar(scalar)) => scalar.default_text(),
            Shape::One(_) => None,
            Shape::List(_) => Some("[]".to_owned()),
            Shape::Map(..) => Some("{}".to_owned()),
        };
        let absent = default.map(|text| key.clone() + &text);
        Field { number: field.number(), key, absent, oneof: None, shape }
    }

    fn shape(&self, field: &FieldDescriptor) -> Shape {
        match field.kind() {
            Declared::Message(entry) if field.is_map() => {
                match (self.kind(&entry.map_entry_key_field()), self.kind(&entry.map_entry_value_field())) {
                    (Kind::Scalar(key), value) => Shape::Map(key, value),
                    _ => Shape::One(Kind::Other),
                }
            }
            _ if field.is_list() => Shape::List(self.kind(field)),
            _ => Shape::One(self.kind(field)),
        }
    }

    fn kind(&self, field: &FieldDescriptor) -> Kind {
        Kind::Scalar(match field.kind() {
            _ if field.is_group() => return Kind::Other,
            Declared::Message(message) => return self.kind_of(&message),
            Declared::Bool => Scalar::Bool,
            Declared::Int32 => Scalar::Int32,
            Declared::Sint32 => Scalar::Sint32,
            Declared::Sfixed32 => Scalar::Sfixed32,
            Declared::Uint32 => Scalar::Uint32,
            Declared::Fixed32 => Scalar::Fixed32,
            Declared::Int64 => Scalar::Int64,
            Declared::Sint64 => Scalar::Sint64,
            Declared::Sfixed64 => Scalar::Sfixed64,
            Declared::Uint64 => Scalar::Uint64,
            Declared::Fixed64 => Scalar::Fixed64,
            Declared::Float => Scalar::Float,
            Declared::Double => Scalar::Double,
            Declared::String => Scalar::String,
            Declared::Bytes => Scalar::Bytes,
            Declared::Enum(declared) if declared.full_name() == "google.protobuf.NullValue" => Scalar::Null,
            Declared::Enum(declared) => Scalar::Enum(names(&declared)),
        })
    }
}

fn names(declared: &EnumDescriptor) -> Vec<(i32, String)> {
    let mut names: Vec<(i32, String)> = declared
        .values()
        .filter_map(|value| declared.get_value(value.number()))
        .map(|value| (value.number(), format!("\"{}\"", value.name())))
        .collect();
    names.sort();
    names.dedup();
    names
}
