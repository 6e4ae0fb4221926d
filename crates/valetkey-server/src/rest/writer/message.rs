//! Messages, lists and maps.

use std::ops::Range;

use super::Unusual;
use super::plan::{Field, Kind, Message, Plans, Scalar, Shape};
use super::well_known;
use super::wire::{Raw, Reader};

/// How deep messages may be within each other; prost reads no deeper.
const DEEPEST: usize = 90;

/// A field that is there: its place in the plan, and its value.
#[derive(Clone, Copy)]
struct Entry<'b> {
    place: usize,
    raw: Raw<'b>,
}

pub(super) struct Writer<'p, 'b> {
    plans: &'p Plans,
    pub(super) out: Vec<u8>,
    /// What is there of the messages that are being written, the innermost last.
    entries: Vec<Entry<'b>>,
    depth: usize,
}

impl<'p, 'b> Writer<'p, 'b> {
    /// A writer of a message of `size` bytes.
    pub(super) fn new(plans: &'p Plans, size: usize) -> Self {
        Self { plans, out: Vec::with_capacity(256 + 2 * size), entries: Vec::with_capacity(32), depth: 0 }
    }

    pub(super) fn into_text(self) -> Vec<u8> {
        self.out
    }

    /// Writes an encoded message.
    pub(super) fn message(&mut self, kind: &Kind, message: &'b [u8]) -> Result<(), Unusual> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Unusual);
        }
        match kind {
            Kind::Message(place) => self.fields(self.plans.get(*place).ok_or(Unusual)?, message)?,
            Kind::Wrapper(scalar) => self.wrapper(scalar, message)?,
            Kind::Timestamp => well_known::timestamp(&mut self.out, message)?,
            Kind::Struct => self.structure(message)?,
            Kind::Value => self.value(message)?,
            Kind::ListValue => self.values(message)?,
            Kind::Scalar(_) | Kind::Other => return Err(Unusual),
        }
        self.depth -= 1;
        Ok(())
    }

    fn fields(&mut self, plan: &'p Message, message: &'b [u8]) -> Result<(), Unusual> {
        let first = self.entries.len();
        self.read(plan, message)?;
        self.out.push(b'{');
        let begin = self.out.len();
        let mut next = first;
        for (place, field) in plan.fields.iter().enumerate() {
            let from = next;
            while self.entries.get(next).is_some_and(|entry| entry.place == place) {
                next += 1;
            }
            if from == next && field.absent.is_none() {
                continue;
            }
            if self.out.len() > begin {
                self.out.push(b',');
            }
            self.field(field, from..next)?;
        }
        self.entries.truncate(first);
        self.out.push(b'}');
        Ok(())
    }

    /// Collects the known fields of a message, in the order of the plan.
    fn read(&mut self, plan: &Message, message: &'b [u8]) -> Result<(), Unusual> {
        let first = self.entries.len();
        let mut reader = Reader(message);
        let (mut guess, mut in_order, mut oneofs) = (0, true, 0);
        while !reader.is_empty() {
            let (number, raw) = reader.field()?;
            let known = match plan.fields.get(guess) {
                Some(field) if field.number == number => Ok(guess),
                _ => plan.fields.binary_search_by_key(&number, |field| field.number),
            };
            let Ok(place) = known else { continue };
            if let Some(oneof) = plan.fields[place].oneof {
                // Of the fields of a oneof the last one counts; an encoder writes no other.
                let bit = 1_u64.checked_shl(oneof).ok_or(Unusual)?;
                if oneofs & bit != 0 {
                    return Err(Unusual);
                }
                oneofs |= bit;
            }
            in_order &= self.entries[first..].last().is_none_or(|last| last.place <= place);
            self.entries.push(Entry { place, raw });
            guess = place + 1;
        }
        if !in_order {
            self.entries[first..].sort_by_key(|entry| entry.place);
        }
        Ok(())
    }

    fn field(&mut self, field: &Field, found: Range<usize>) -> Result<(), Unusual> {
        let Some(last) = found.clone().next_back() else {
            self.out.extend_from_slice(field.absent.as_deref().unwrap_or_default().as_bytes());
            return Ok(());
        };
        self.out.extend_from_slice(field.key.as_bytes());
        match &field.shape {
            Shape::One(kind @ Kind::Scalar(_)) => self.item(kind, self.entries[last].raw),
            Shape::One(kind) if found.len() == 1 => self.item(kind, self.entries[last].raw),
            // Messages that come several times would have to be merged.
            Shape::One(_) => Err(Unusual),
            Shape::List(kind) => self.list(kind, found),
            Shape::Map(key, value) => self.map(key, value, found),
        }
    }

    fn item(&mut self, kind: &Kind, raw: Raw<'b>) -> Result<(), Unusual> {
        match (kind, raw) {
            (Kind::Scalar(scalar), raw) => scalar.push(&mut self.out, raw),
            (kind, Raw::Bytes(message)) => self.message(kind, message),
            _ => Err(Unusual),
        }
    }

    fn list(&mut self, kind: &Kind, found: Range<usize>) -> Result<(), Unusual> {
        self.out.push(b'[');
        for at in found.clone() {
            if at > found.start {
                self.out.push(b',');
            }
            match (kind, self.entries[at].raw) {
                (Kind::Scalar(scalar), Raw::Bytes(packed))
                    if !matches!(scalar, Scalar::String | Scalar::Bytes) =>
                {
                    self.packed(scalar, packed)?;
                }
                (kind, raw) => self.item(kind, raw)?,
            }
        }
        self.out.push(b']');
        Ok(())
    }

    fn packed(&mut self, scalar: &Scalar, packed: &'b [u8]) -> Result<(), Unusual> {
        let mut items = Reader(packed);
        if items.is_empty() {
            return Err(Unusual);
        }
        let begin = self.out.len();
        while !items.is_empty() {
            if self.out.len() > begin {
                self.out.push(b',');
            }
            scalar.push(&mut self.out, scalar.unpack(&mut items)?)?;
        }
        Ok(())
    }

    fn map(&mut self, key: &Scalar, value: &Kind, found: Range<usize>) -> Result<(), Unusual> {
        self.out.push(b'{');
        for at in found.clone() {
            if at > found.start {
                self.out.push(b',');
            }
            let Raw::Bytes(entry) = self.entries[at].raw else { return Err(Unusual) };
            let [first, second] = pair(entry)?;
            key.push_key(&mut self.out, first.unwrap_or_else(|| key.default()))?;
            self.out.push(b':');
            let missing = match value {
                Kind::Scalar(scalar) => scalar.default(),
                _ => Raw::Bytes(&[]),
            };
            self.item(value, second.unwrap_or(missing))?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn wrapper(&mut self, scalar: &Scalar, message: &'b [u8]) -> Result<(), Unusual> {
        match pair(message)? {
            [value, None] => scalar.push(&mut self.out, value.unwrap_or_else(|| scalar.default())),
            [_, Some(_)] => Err(Unusual),
        }
    }
}

/// The fields 1 and 2 of a message that has no others, such as the entry of a map.
pub(super) fn pair(message: &[u8]) -> Result<[Option<Raw<'_>>; 2], Unusual> {
    let mut reader = Reader(message);
    let mut found = [None; 2];
    while !reader.is_empty() {
        let (number, raw) = reader.field()?;
        let place = (number as usize).checked_sub(1).and_then(|place| found.get_mut(place));
        if place.ok_or(Unusual)?.replace(raw).is_some() {
            return Err(Unusual);
        }
    }
    Ok(found)
}
