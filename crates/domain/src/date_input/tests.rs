use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const TODAY: Date = date(2026, 3, 1);

fn parts(day: &str, month: &str, year: &str) -> Result<String, BirthdayError> {
    Birthday::from_parts(day, month, year, TODAY).map(Birthday::to_iso)
}

#[test]
fn any_sane_way_to_write_a_date_is_understood() {
    for (day, month) in [
        ("5", "3"),
        ("05", "03"),
        (" 5 ", " 3 "),
        ("5.", "3."),
        ("5th", "March"),
        ("5", "mar"),
        ("5", "MÄRZ"),
        ("5", "März"),
        ("5", "Mär."),
        ("5", "Ma\u{308}rz"),
        ("5", "Mrz"),
        ("5", "maerz"),
        ("005", "marc"),
    ] {
        assert_eq!(
            parts(day, month, "1990"),
            Ok("1990-03-05".into()),
            "{day} {month}"
        );
    }
    for (at, names) in [
        "Jan", "Feb", "Mär", "Apr", "Mai", "Juni", "Juli", "Aug", "Sept", "Okt", "Nov", "Dez",
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(
            parts("1", names, "2001"),
            Ok(format!("2001-{:02}-01", at + 1))
        );
    }
}

#[test]
fn what_is_wrong_with_a_date_is_named() {
    use BirthdayError::*;
    for (day, month, year, expected) in [
        ("", "3", "1990", Missing(DatePart::Day)),
        ("5", " ", "1990", Missing(DatePart::Month)),
        ("5", "3", "", Missing(DatePart::Year)),
        ("0", "3", "1990", Day),
        ("32", "3", "1990", Day),
        ("-5", "3", "1990", Day),
        ("five", "3", "1990", Day),
        ("5", "13", "1990", Month),
        ("5", "ma", "1990", Month),
        ("5", "Thermidor", "1990", Month),
        ("5", "3", "90", TwoDigitYear),
        ("5", "3", "’90", TwoDigitYear),
        ("5", "3", "199", Year),
        ("5", "3", "19900", Year),
        ("5", "3", "MCM", Year),
        ("31", "4", "1990", NoSuchDate),
        ("29", "2", "1991", NoSuchDate),
        ("2", "3", "2026", Future),
        ("28", "2", "1900", TooLongAgo),
    ] {
        assert_eq!(
            parts(day, month, year),
            Err(expected),
            "{day} {month} {year}"
        );
    }
    assert_eq!(parts("1", "3", "2026"), Ok("2026-03-01".into()));
    assert_eq!(parts("2", "3", "1900"), Ok("1900-03-02".into()));
    assert_eq!(Missing(DatePart::Day).to_string(), "lacks the day");
}

#[test]
fn the_api_takes_iso_dates_only() {
    assert!(Birthday::parse_iso("1990-03-05", TODAY).is_ok());
    for text in [
        "1990-3-5",
        "05.03.1990",
        "1990-03-05T00:00:00Z",
        "19900305",
        "",
        "1990-03-0５",
    ] {
        assert_eq!(
            Birthday::parse_iso(text, TODAY),
            Err(BirthdayError::NotIso),
            "{text}"
        );
    }
    for text in ["1990-02-30", "1990-13-01", "1990-00-10"] {
        assert_eq!(
            Birthday::parse_iso(text, TODAY),
            Err(BirthdayError::NoSuchDate),
            "{text}"
        );
    }
    assert_eq!(
        Birthday::parse_iso("2026-03-02", TODAY),
        Err(BirthdayError::Future)
    );
    assert_eq!(
        Birthday::parse_iso("0000-01-01", TODAY),
        Err(BirthdayError::TooLongAgo)
    );
}

#[test]
fn a_birthday_is_iso_in_json_and_hidden_in_a_log() {
    let birthday: Birthday = serde_json::from_str("\"1990-03-05\"").unwrap();
    assert_eq!(serde_json::to_string(&birthday).unwrap(), "\"1990-03-05\"");
    assert_eq!(format!("{birthday:?}"), "Birthday([hidden])");
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(a in any::<String>(), b in any::<String>(), c in any::<String>()) {
        let _ = Birthday::parse_iso(&a, TODAY);
        let _ = Birthday::from_parts(&a, &b, &c, TODAY);
        let _ = Birthday::from_parts("1", &b, "1990", TODAY);
    }

    #[test]
    fn every_date_of_the_last_century_is_taken(day in 1_i8..=28, month in 1_i8..=12, year in 1926_i16..2026) {
        let iso = format!("{year}-{month:02}-{day:02}");
        prop_assert_eq!(Birthday::parse_iso(&iso, TODAY).map(Birthday::to_iso), Ok(iso.clone()));
        prop_assert_eq!(parts(&day.to_string(), &month.to_string(), &year.to_string()), Ok(iso));
    }
}
