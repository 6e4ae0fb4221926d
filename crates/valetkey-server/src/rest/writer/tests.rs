//! Every message of the wire, filled by chance, against the writer that knows all kinds.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![allow(clippy::cast_possible_truncation, reason = "any number will do")]

use proptest::prelude::{Strategy as _, any};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};
use serde_json::Value as Json;
use valetkey_proto::descriptor_pool;

use super::super::json::to_json;
use super::text;

/// Numbers by chance, the same in every run.
struct Chance(TestRunner);

impl Chance {
    fn number(&mut self) -> u64 {
        any::<u64>().new_tree(&mut self.0).unwrap().current()
    }

    fn below(&mut self, end: u64) -> u64 {
        self.number() % end
    }

    fn text(&mut self) -> String {
        ["", "plain", "\"\\\u{1}\u{7f}/<é\u{2028}😀", "a\nb\tc"][self.below(4) as usize].to_owned()
    }

    fn float(&mut self) -> f64 {
        [0.0, -0.0, 1.0, -3.5, 1e300, 9_007_199_254_740_993.0, 0.1, 1e-7][self.below(8) as usize]
    }
}

/// Kinds that are left to the other writer.
fn is_other(message: &MessageDescriptor) -> bool {
    [
        "Any",
        "Duration",
        "FieldMask",
        "FloatValue",
        "DoubleValue",
        "BytesValue",
        "UInt32Value",
        "UInt64Value",
        "Empty",
    ]
    .iter()
    .any(|name| message.full_name() == format!("google.protobuf.{name}"))
}

fn scalar(kind: &Kind, chance: &mut Chance) -> Value {
    let number = chance.number() >> chance.below(64);
    match kind {
        Kind::Bool => Value::Bool(number % 2 == 1),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(number as i32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number.cast_signed()),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(number as u32),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(number),
        Kind::Float => Value::F32(chance.float() as f32),
        Kind::Double => Value::F64(chance.float()),
        Kind::String => Value::String(chance.text()),
        Kind::Bytes => Value::Bytes(chance.text().into_bytes().into()),
        Kind::Enum(_) if number.is_multiple_of(5) => Value::EnumNumber(1_000_000),
        Kind::Enum(declared) => {
            let names: Vec<i32> = declared.values().map(|value| value.number()).collect();
            Value::EnumNumber(names[(number % names.len() as u64) as usize])
        }
        Kind::Message(_) => unreachable!("messages are filled"),
    }
}

fn single(kind: &Kind, depth: u32, chance: &mut Chance) -> Value {
    match kind {
        Kind::Message(message) => Value::Message(filled(message, depth + 1, chance)),
        kind => scalar(kind, chance),
    }
}

fn key(kind: &Kind, chance: &mut Chance) -> MapKey {
    match scalar(kind, chance) {
        Value::Bool(key) => MapKey::Bool(key),
        Value::I32(key) => MapKey::I32(key),
        Value::I64(key) => MapKey::I64(key),
        Value::U32(key) => MapKey::U32(key),
        Value::U64(key) => MapKey::U64(key),
        Value::String(key) => MapKey::String(key),
        other => panic!("{other:?} is no key"),
    }
}

fn value(field: &FieldDescriptor, depth: u32, chance: &mut Chance) -> Value {
    let kind = field.kind();
    match &kind {
        Kind::Message(entry) if field.is_map() => {
            let (keys, values) = (entry.map_entry_key_field().kind(), entry.map_entry_value_field().kind());
            // A dynamic message has no order among entries, which a struct as this server encodes it has.
            let most = if entry.package_name() == "google.protobuf" { 2 } else { 4 };
            let pairs = 0..chance.below(most);
            Value::Map(pairs.map(|_| (key(&keys, chance), single(&values, depth, chance))).collect())
        }
        kind if field.is_list() => {
            Value::List((0..chance.below(4)).map(|_| single(kind, depth, chance)).collect())
        }
        kind => single(kind, depth, chance),
    }
}

fn filled(message: &MessageDescriptor, depth: u32, chance: &mut Chance) -> DynamicMessage {
    let mut made = DynamicMessage::new(message.clone());
    if message.full_name() == "google.protobuf.Timestamp" {
        made.set_field_by_name(
            "seconds",
            Value::I64(chance.below(4_000_000_000).cast_signed() - 2_000_000_000),
        );
        let nanos = [0, 1, 120_000_000, 999_999_999][chance.below(4) as usize];
        made.set_field_by_name("nanos", Value::I32(nanos));
        return made;
    }
    for field in message.fields() {
        let ends = matches!(field.kind(), Kind::Message(inner) if depth > 4 || is_other(&inner));
        let taken = field
            .containing_oneof()
            .is_some_and(|oneof| oneof.fields().any(|other| other != field && made.has_field(&other)));
        if !ends && !taken && chance.below(3) > 0 {
            made.set_field(&field, value(&field, depth, chance));
        }
    }
    made
}

fn parsed(text: &[u8]) -> Json {
    serde_json::from_slice(text).unwrap()
}

#[test]
fn every_message_is_written_as_the_other_writer_writes_it() {
    let mut chance = Chance(TestRunner::deterministic());
    let ours = |message: &MessageDescriptor| {
        !message.is_map_entry() && !message.package_name().starts_with("google.")
    };
    let mut written = 0;
    for descriptor in descriptor_pool().all_messages().filter(ours) {
        for _ in 0..20 {
            let bytes = filled(&descriptor, 0, &mut chance).encode_to_vec();
            let message = DynamicMessage::decode(descriptor.clone(), bytes.as_slice()).unwrap();
            let expected = to_json(&message, true).unwrap();
            let found = text(&descriptor, &bytes).unwrap();
            // The other writer has no order among the entries of a map.
            assert_eq!(parsed(&found), parsed(&expected), "{message}");
            assert_eq!(found.len(), expected.len(), "{message}");
            written += 1;
        }
    }
    assert!(written > 1000, "{written}");
}

#[test]
fn a_struct_is_written_in_the_order_of_its_keys() {
    let number =
        |number: f64| prost_types::Value { kind: Some(prost_types::value::Kind::NumberValue(number)) };
    let fields =
        [("b", 2.0), ("a", 0.5), ("", -0.0), ("é", 1e21)].map(|(key, value)| (key.into(), number(value)));
    let bytes = prost_types::Struct { fields: fields.into() }.encode_to_vec();
    let descriptor = descriptor_pool().get_message_by_name("google.protobuf.Struct").unwrap();
    let message = DynamicMessage::decode(descriptor.clone(), bytes.as_slice()).unwrap();
    assert_eq!(text(&descriptor, &bytes).unwrap(), to_json(&message, true).unwrap());
}

#[test]
fn fields_out_of_order_and_unknown_ones_change_nothing() {
    let descriptor = descriptor_pool()
        .get_message_by_name("scalekit.v1.connected_accounts.ListConnectedAccountsResponse")
        .unwrap();
    // next_page_token, then field 99, then total_size.
    let bytes = [&[0x1A, 1, b'n'][..], &[0x9A, 0x06, 1, b'x'], &[0x10, 7]].concat();
    let message = DynamicMessage::decode(descriptor.clone(), bytes.as_slice()).unwrap();
    assert_eq!(text(&descriptor, &bytes).unwrap(), to_json(&message, true).unwrap());
}

#[test]
fn what_is_not_in_the_usual_form_is_left_alone() {
    let descriptor = descriptor_pool().get_message_by_name("google.protobuf.Struct").unwrap();
    for bytes in [
        // Cut off.
        &[0x0A, 9, 0x0A][..],
        // A group.
        &[0x0B, 0x0C],
        // A key that is not UTF-8.
        &[0x0A, 3, 0x0A, 1, 0xFF],
        // The same key twice.
        &[0x0A, 3, 0x0A, 1, b'k', 0x0A, 3, 0x0A, 1, b'k'],
        // A number that is not finite.
        &[0x0A, 11, 0x12, 9, 0x11, 0, 0, 0, 0, 0, 0, 0xF0, 0x7F],
    ] {
        assert!(text(&descriptor, bytes).is_none(), "{bytes:?}");
    }
}
