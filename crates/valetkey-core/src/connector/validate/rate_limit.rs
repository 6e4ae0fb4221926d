//! How an API says that it was asked too often.

use super::Check;
use crate::connector::RateLimit;

impl Check<'_> {
    pub(super) fn rate_limit(&mut self, limit: &RateLimit) {
        for (index, sign) in limit.signs.iter().enumerate() {
            let path = format!("api.rate_limit.signs[{index}]");
            self.require(
                (100..600).contains(&sign.status),
                &format!("{path}.status"),
                "must be an HTTP status",
            );
            if let Some(header) = &sign.header {
                self.header(&format!("{path}.header"), header);
            }
            let has_header = sign.equals.is_none() || sign.header.is_some();
            self.require(has_header, &format!("{path}.equals"), "needs the header whose value it is");
            let narrow = sign.header.is_some() || sign.text.as_ref().is_some_and(|text| !text.is_empty());
            self.require(
                narrow || matches!(sign.status, 429 | 503),
                &path,
                "needs a header or a text, because the status alone means something else too",
            );
        }
        for (index, reset) in limit.resets.iter().enumerate() {
            self.header(&format!("api.rate_limit.resets[{index}].header"), &reset.header);
        }
    }
}
