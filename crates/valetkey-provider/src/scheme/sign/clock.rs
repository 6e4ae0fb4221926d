//! Times as signatures write them.

use std::time::{Duration, UNIX_EPOCH};

use valetkey_core::{Timestamp, connector::TimeFormat};

/// `time` as text.
pub(super) fn text_of(format: TimeFormat, time: Timestamp) -> String {
    match format {
        TimeFormat::EpochSeconds => time.seconds().to_string(),
        TimeFormat::EpochMilliseconds => time.millis().to_string(),
        TimeFormat::Rfc3339 => time.to_string()[..19].to_owned() + "Z",
        TimeFormat::Rfc3339Milliseconds => time.to_string(),
        TimeFormat::HttpDate => http_date(time),
        TimeFormat::Rfc5322 => http_date(time).replace("GMT", "-0000"),
    }
}

/// `20150830T123600Z`, the basic format of ISO 8601.
pub(super) fn basic(time: Timestamp) -> String {
    text_of(TimeFormat::Rfc3339, time).replace(['-', ':'], "")
}

fn http_date(time: Timestamp) -> String {
    let since = Duration::from_secs(u64::try_from(time.seconds()).unwrap_or_default());
    httpdate::fmt_http_date(UNIX_EPOCH + since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quirk_75_a_time_is_written_as_the_provider_reads_it() {
        let time = Timestamp::from_millis(1_345_570_158_042);
        for (format, expected) in [
            (TimeFormat::EpochSeconds, "1345570158"),
            (TimeFormat::EpochMilliseconds, "1345570158042"),
            (TimeFormat::Rfc3339, "2012-08-21T17:29:18Z"),
            (TimeFormat::Rfc3339Milliseconds, "2012-08-21T17:29:18.042Z"),
            (TimeFormat::HttpDate, "Tue, 21 Aug 2012 17:29:18 GMT"),
            (TimeFormat::Rfc5322, "Tue, 21 Aug 2012 17:29:18 -0000"),
        ] {
            assert_eq!(text_of(format, time), expected);
        }
        assert_eq!(basic(time), "20120821T172918Z");
    }
}
