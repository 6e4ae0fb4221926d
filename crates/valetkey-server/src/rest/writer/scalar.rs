//! Numbers, texts and names.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;

use super::super::json::Numbers;
use super::Unusual;
use super::plan::Scalar;
use super::wire::{Raw, Reader};

/// Writing to memory fails for what JSON cannot express only.
pub(super) fn push(out: &mut Vec<u8>, value: impl Serialize) -> Result<(), Unusual> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, Numbers)).map_err(|_| Unusual)
}

/// A text, which must be UTF-8.
pub(super) fn push_text(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Unusual> {
    push(out, std::str::from_utf8(bytes).map_err(|_| Unusual)?)
}

/// In quotes, because a number of JavaScript does not hold all integers of 64 bits.
fn push_quoted(out: &mut Vec<u8>, value: impl Serialize) -> Result<(), Unusual> {
    out.push(b'"');
    push(out, value)?;
    out.push(b'"');
    Ok(())
}

/// What is not finite is left to the other writer, for which it depends on the place.
pub(super) fn push_float(out: &mut Vec<u8>, value: f64) -> Result<(), Unusual> {
    if value.is_finite() { push(out, value) } else { Err(Unusual) }
}

/// The lower half, as integers of 32 bits are read from a varint.
#[expect(clippy::cast_possible_truncation, reason = "the encoding has integers of 32 bits in 64")]
fn low(varint: u64) -> u32 {
    varint as u32
}

impl Scalar {
    /// The text of the default; `None` where there is none.
    pub(super) fn default_text(&self) -> Option<String> {
        let mut text = Vec::new();
        self.push(&mut text, self.default()).ok()?;
        String::from_utf8(text).ok()
    }

    /// The default, as it would be encoded.
    pub(super) fn default(&self) -> Raw<'static> {
        match self {
            Self::String | Self::Bytes => Raw::Bytes(&[]),
            Self::Fixed32 | Self::Sfixed32 | Self::Float => Raw::Fixed32([0; 4]),
            Self::Fixed64 | Self::Sfixed64 | Self::Double => Raw::Fixed64([0; 8]),
            Self::Bool
            | Self::Int32
            | Self::Sint32
            | Self::Uint32
            | Self::Int64
            | Self::Sint64
            | Self::Uint64
            | Self::Enum(_)
            | Self::Null => Raw::Varint(0),
        }
    }

    pub(super) fn push(&self, out: &mut Vec<u8>, raw: Raw<'_>) -> Result<(), Unusual> {
        match (self, raw) {
            (Self::Bool, Raw::Varint(value)) => push(out, value != 0),
            (Self::Int32, Raw::Varint(value)) => push(out, low(value).cast_signed()),
            (Self::Sint32, Raw::Varint(value)) => {
                let value = low(value);
                push(out, (value >> 1).cast_signed() ^ -(value & 1).cast_signed())
            }
            (Self::Uint32, Raw::Varint(value)) => push(out, low(value)),
            (Self::Int64, Raw::Varint(value)) => push_quoted(out, value.cast_signed()),
            (Self::Sint64, Raw::Varint(value)) => {
                push_quoted(out, (value >> 1).cast_signed() ^ -(value & 1).cast_signed())
            }
            (Self::Uint64, Raw::Varint(value)) => push_quoted(out, value),
            (Self::Sfixed32, Raw::Fixed32(bytes)) => push(out, i32::from_le_bytes(bytes)),
            (Self::Fixed32, Raw::Fixed32(bytes)) => push(out, u32::from_le_bytes(bytes)),
            (Self::Sfixed64, Raw::Fixed64(bytes)) => push_quoted(out, i64::from_le_bytes(bytes)),
            (Self::Fixed64, Raw::Fixed64(bytes)) => push_quoted(out, u64::from_le_bytes(bytes)),
            (Self::Float, Raw::Fixed32(bytes)) => {
                let value = f32::from_le_bytes(bytes);
                if value.is_finite() { push(out, value) } else { Err(Unusual) }
            }
            (Self::Double, Raw::Fixed64(bytes)) => push_float(out, f64::from_le_bytes(bytes)),
            (Self::String, Raw::Bytes(bytes)) => push_text(out, bytes),
            (Self::Bytes, Raw::Bytes(bytes)) => push(out, STANDARD.encode(bytes)),
            (Self::Enum(names), Raw::Varint(value)) => push_name(out, names, low(value).cast_signed()),
            (Self::Null, Raw::Varint(_)) => push(out, ()),
            _ => Err(Unusual),
        }
    }

    /// Writes a key of a map, which is always in quotes.
    pub(super) fn push_key(&self, out: &mut Vec<u8>, raw: Raw<'_>) -> Result<(), Unusual> {
        match self {
            Self::String | Self::Int64 | Self::Sint64 | Self::Sfixed64 | Self::Uint64 | Self::Fixed64 => {
                self.push(out, raw)
            }
            _ => {
                out.push(b'"');
                self.push(out, raw)?;
                out.push(b'"');
                Ok(())
            }
        }
    }

    /// The next item of a packed list. Texts and bytes are never packed.
    pub(super) fn unpack<'b>(&self, packed: &mut Reader<'b>) -> Result<Raw<'b>, Unusual> {
        match self.default() {
            Raw::Varint(_) => packed.varint().map(Raw::Varint),
            Raw::Fixed32(_) => packed.fixed().map(Raw::Fixed32),
            Raw::Fixed64(_) => packed.fixed().map(Raw::Fixed64),
            Raw::Bytes(_) => Err(Unusual),
        }
    }
}

/// A number without a name is written as the number.
fn push_name(out: &mut Vec<u8>, names: &[(i32, String)], number: i32) -> Result<(), Unusual> {
    match names.binary_search_by_key(&number, |(number, _)| *number) {
        Ok(place) => out.extend_from_slice(names[place].1.as_bytes()),
        Err(_) => push(out, number)?,
    }
    Ok(())
}
