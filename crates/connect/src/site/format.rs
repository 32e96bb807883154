//! Dates, amounts and numbers as people read them.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use portico_domain::{phone::PhoneNumber, plan::Price};

use crate::text::Texts;

/// A phone number, written for people.
pub fn number(number: &PhoneNumber) -> String {
    number.international()
}

/// A day: "23 November 2026", or as the language has it.
pub fn date(texts: &Texts, date: Date) -> String {
    let month = texts.get(MONTHS[usize::from(date.month().unsigned_abs() - 1)]);
    texts.get_args(
        "date",
        &[
            ("day", i64::from(date.day()).into()),
            ("month", month.into()),
            ("year", date.year().to_string().into()),
        ],
    )
}

/// A moment, in UTC because we do not know where the visitor is: "23 November 2026, 15:20 UTC".
pub fn moment(texts: &Texts, at: Timestamp) -> String {
    let at = at.to_zoned_datetime(TimeZone::UTC);
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    let day = date(texts, at.date());
    texts.get_args("moment", &[("date", day.into()), ("time", time.into())])
}

/// An amount: "20.00 USD". Most currencies have two decimals; those of ISO 4217 that have none or
/// three are listed.
pub fn money(price: &Price) -> String {
    let decimals = match price.currency.as_str() {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    };
    let unit = 10_i64.pow(decimals);
    let (whole, part) = (price.amount / unit, price.amount % unit);
    let amount = match decimals {
        0 => whole.to_string(),
        _ => format!("{whole}.{part:0width$}", width = decimals as usize),
    };
    match price.currency.as_str() {
        "USD" => format!("${amount}"),
        "EUR" => format!("€{amount}"),
        "GBP" => format!("£{amount}"),
        code => format!("{amount} {code}"),
    }
}

const MONTHS: [&str; 12] = [
    "month-1", "month-2", "month-3", "month-4", "month-5", "month-6", "month-7", "month-8",
    "month-9", "month-10", "month-11", "month-12",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        let amount = |amount, code: &str| {
            money(&Price {
                amount,
                currency: code.to_owned(),
            })
        };
        assert_eq!(amount(2_000, "USD"), "$20.00");
        assert_eq!(amount(5, "EUR"), "€0.05");
        assert_eq!(amount(500, "JPY"), "500 JPY");
        assert_eq!(amount(1_234, "KWD"), "1.234 KWD");
    }

    #[test]
    fn a_day_is_written_out() {
        let day = jiff::civil::date(2026, 11, 3);
        assert_eq!(date(Texts::fallback(), day), "November 3, 2026");
    }
}
