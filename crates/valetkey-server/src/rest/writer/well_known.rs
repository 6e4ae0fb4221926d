//! Times, and JSON within messages.

use std::io::Write as _;

use prost::Message as _;
use prost_types::Timestamp;

use super::Unusual;
use super::message::{Writer, pair};
use super::plan::Kind;
use super::scalar::{push, push_float, push_text};
use super::wire::{Raw, Reader};

/// What RFC 3339 can tell: the years 1 to 9999.
const TIMES: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

pub(super) fn timestamp(out: &mut Vec<u8>, message: &[u8]) -> Result<(), Unusual> {
    let time = Timestamp::decode(message).map_err(|_| Unusual)?;
    if !TIMES.contains(&time.seconds) || !(0..1_000_000_000).contains(&time.nanos) {
        return Err(Unusual);
    }
    write!(out, "\"{time}\"").map_err(|_| Unusual)
}

impl<'b> Writer<'_, 'b> {
    /// A `google.protobuf.Struct`, whose keys an encoder writes in their order.
    pub(super) fn structure(&mut self, message: &'b [u8]) -> Result<(), Unusual> {
        let mut reader = Reader(message);
        let mut before: Option<&[u8]> = None;
        self.out.push(b'{');
        while !reader.is_empty() {
            let (1, Raw::Bytes(entry)) = reader.field()? else { return Err(Unusual) };
            let (key, value) = match pair(entry)? {
                [None, value] => (&[][..], value),
                [Some(Raw::Bytes(key)), value] => (key, value),
                _ => return Err(Unusual),
            };
            match before {
                Some(before) if before >= key => return Err(Unusual),
                Some(_) => self.out.push(b','),
                None => {}
            }
            before = Some(key);
            push_text(&mut self.out, key)?;
            self.out.push(b':');
            match value {
                None => self.message(&Kind::Value, &[])?,
                Some(Raw::Bytes(value)) => self.message(&Kind::Value, value)?,
                Some(_) => return Err(Unusual),
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    /// A `google.protobuf.Value`: one of its kinds, or nothing, which is null.
    pub(super) fn value(&mut self, message: &'b [u8]) -> Result<(), Unusual> {
        let mut reader = Reader(message);
        if reader.is_empty() {
            return push(&mut self.out, ());
        }
        let kind = reader.field()?;
        if !reader.is_empty() {
            return Err(Unusual);
        }
        match kind {
            (1, Raw::Varint(_)) => push(&mut self.out, ()),
            (2, Raw::Fixed64(bytes)) => push_float(&mut self.out, f64::from_le_bytes(bytes)),
            (3, Raw::Bytes(text)) => push_text(&mut self.out, text),
            (4, Raw::Varint(value)) => push(&mut self.out, value != 0),
            (5, Raw::Bytes(fields)) => self.message(&Kind::Struct, fields),
            (6, Raw::Bytes(values)) => self.message(&Kind::ListValue, values),
            _ => Err(Unusual),
        }
    }

    /// A `google.protobuf.ListValue`.
    pub(super) fn values(&mut self, message: &'b [u8]) -> Result<(), Unusual> {
        let mut reader = Reader(message);
        self.out.push(b'[');
        let begin = self.out.len();
        while !reader.is_empty() {
            let (1, Raw::Bytes(value)) = reader.field()? else { return Err(Unusual) };
            if self.out.len() > begin {
                self.out.push(b',');
            }
            self.message(&Kind::Value, value)?;
        }
        self.out.push(b']');
        Ok(())
    }
}
