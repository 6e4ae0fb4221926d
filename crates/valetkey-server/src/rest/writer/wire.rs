//! The encoding of messages <https://protobuf.dev/programming-guides/encoding/>, without groups.

use super::Unusual;

/// The value of a field as it is encoded.
#[derive(Clone, Copy, Debug)]
pub(super) enum Raw<'b> {
    Varint(u64),
    Fixed64([u8; 8]),
    Fixed32([u8; 4]),
    Bytes(&'b [u8]),
}

/// The fields of an encoded message, or the items of a packed list.
pub(super) struct Reader<'b>(pub(super) &'b [u8]);

impl<'b> Reader<'b> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next field: its number and its value.
    pub(super) fn field(&mut self) -> Result<(u32, Raw<'b>), Unusual> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).map_err(|_| Unusual)?;
        let raw = match tag & 7 {
            0 => Raw::Varint(self.varint()?),
            1 => Raw::Fixed64(self.fixed()?),
            2 => Raw::Bytes(self.bytes()?),
            5 => Raw::Fixed32(self.fixed()?),
            _ => return Err(Unusual),
        };
        Ok((number, raw))
    }

    pub(super) fn varint(&mut self) -> Result<u64, Unusual> {
        let mut value = 0;
        for (place, byte) in self.0.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7F) << (7 * place);
            if byte & 0x80 == 0 {
                self.0 = &self.0[place + 1..];
                return Ok(value);
            }
        }
        Err(Unusual)
    }

    pub(super) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Unusual> {
        let (fixed, rest) = self.0.split_first_chunk().ok_or(Unusual)?;
        self.0 = rest;
        Ok(*fixed)
    }

    fn bytes(&mut self) -> Result<&'b [u8], Unusual> {
        let length = usize::try_from(self.varint()?).map_err(|_| Unusual)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Unusual)?;
        self.0 = rest;
        Ok(bytes)
    }
}
