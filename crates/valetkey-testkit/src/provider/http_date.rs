//! Dates as HTTP writes them (RFC 9110 §5.6.7).

use time::OffsetDateTime;
use valetkey_core::Timestamp;

/// Such as `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(super) fn http_date(at: Timestamp) -> String {
    let date = OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (weekday, month) = (date.weekday().to_string(), date.month().to_string());
    format!(
        "{weekday:.3}, {:02} {month:.3} {:04} {:02}:{:02}:{:02} GMT",
        date.day(),
        date.year(),
        date.hour(),
        date.minute(),
        date.second(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_the_standard_shows_it() {
        let example = Timestamp::from_millis(784_111_777_000);
        assert_eq!(http_date(example), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
