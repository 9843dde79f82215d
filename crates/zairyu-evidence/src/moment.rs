//! Points in time as a record writes them.

use std::fmt;

use jiff::{Timestamp, civil::DateTime, tz::Offset};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A point in time to the second, with the offset from UTC of the place where it was noted (`utc_offset`).
///
/// Written as RFC 3339 in that one form: `2026-11-22T10:00:00+09:00`. Years 0001 to 9998, offsets in whole minutes.
///
/// ```
/// use zairyu_evidence::Moment;
///
/// let moment = Moment::japan("2026-11-22T01:00:00.5Z".parse().unwrap());
/// assert_eq!(moment.to_string(), "2026-11-22T10:00:00+09:00");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    at: Timestamp,
    offset: Offset,
}

const JAPAN: Offset = Offset::constant(9);

impl Moment {
    /// A point in time with an offset. Fractions of a second are dropped, and seconds of the offset.
    #[must_use]
    pub fn new(at: Timestamp, offset: Offset) -> Self {
        let minutes = offset.seconds().wrapping_div(60).wrapping_mul(60);
        Self {
            at: Timestamp::from_second(at.as_second()).unwrap_or(at),
            offset: Offset::from_seconds(minutes).unwrap_or(offset),
        }
    }

    /// A point in time in Japan (UTC+09:00).
    #[must_use]
    pub fn japan(at: Timestamp) -> Self {
        Self::new(at, JAPAN)
    }

    /// The point in time.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        self.at
    }

    /// The offset from UTC.
    #[must_use]
    pub const fn offset(self) -> Offset {
        self.offset
    }

    /// Date and time as clocks at that place showed them.
    #[must_use]
    pub fn wall_clock(self) -> DateTime {
        self.offset.to_datetime(self.at)
    }

    /// Reads the form that [`Display`](fmt::Display) writes, and no other. `None` when it is not that.
    fn parse(text: &str) -> Option<Self> {
        let (date_time, offset) = text.split_at_checked(19)?;
        let (sign, minutes) = offset.split_at_checked(1)?;
        let (hours, minutes) = minutes.split_once(':')?;
        let hours: i32 = hours.parse().ok()?;
        let minutes: i32 = minutes.parse().ok()?;
        let seconds = hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60)?;
        let offset = Offset::from_seconds(if sign == "-" {
            seconds.checked_neg()?
        } else {
            seconds
        })
        .ok()?;
        let date_time: DateTime = date_time.parse().ok()?;
        let moment = Self::new(offset.to_timestamp(date_time).ok()?, offset);
        // One form only: what is not written so is not read.
        (moment.to_string() == text).then_some(moment)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.offset.seconds().unsigned_abs().wrapping_div(60);
        let sign = if self.offset.is_negative() { '-' } else { '+' };
        write!(
            f,
            "{}{sign}{:02}:{:02}",
            self.wall_clock().strftime("%Y-%m-%dT%H:%M:%S"),
            minutes.wrapping_div(60),
            minutes.wrapping_rem(60)
        )
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not a time of the form 2026-11-22T10:00:00+09:00"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_is_written_and_read() {
        for text in [
            "2026-11-22T10:00:00+09:00",
            "2026-11-22T10:00:00+00:00",
            "1999-01-01T23:59:59-03:30",
            "2026-02-28T00:00:00+05:45",
        ] {
            let moment = Moment::parse(text).unwrap();
            assert_eq!(moment.to_string(), text);
            let json = serde_json::to_string(&moment).unwrap();
            assert_eq!(serde_json::from_str::<Moment>(&json).unwrap(), moment);
        }
        for text in [
            "",
            "2026-11-22T10:00:00Z",
            "2026-11-22T10:00:00",
            "2026-11-22 10:00:00+09:00",
            "2026-11-22T10:00:00.5+09:00",
            "2026-11-22T10:00:00+0900",
            "2026-11-22T10:00:00-00:00",
            "2026-11-22T10:00:00+9:00",
            "2026-11-22T10:00:00+99:00",
            "2026-11-22T10:00:00+09:60",
            "2026-02-29T10:00:00+09:00",
            "2026-11-22T10:00:60+09:00",
            "２026-11-22T10:00:00+09:00",
            "2026-11-22T10:00:00+09:00 ",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
