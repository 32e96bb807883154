//! Phone numbers: what is taken is E.164, can be read back from storage, and is the same number in
//! every way of showing it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portico_domain::phone::PhoneNumber;

fuzz_target!(|text: &str| {
    let number = match PhoneNumber::parse_e164(text) {
        Ok(number) => number,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let kept = number.as_str();
    assert_eq!(kept, text);
    assert!(kept.starts_with('+') && kept.len() <= 16);
    assert!(kept[1..].bytes().all(|byte| byte.is_ascii_digit()));
    assert_eq!(PhoneNumber::from_stored(kept), Ok(number.clone()));
    let international = number.international();
    let digits: String = international.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(digits, kept[1..], "{international}");
    assert!(!number.national().is_empty());
    assert!(kept.ends_with(number.last_digits(3)));
    assert!(!format!("{number:?}").contains(&kept[1..]));
    if number.is_us_test_range() || number.is_gb_test_range() {
        assert!(number.country().is_some());
    }
});
