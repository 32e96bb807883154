use std::ffi::OsString;

use super::*;
use crate::config::Settings;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn load(toml: &str, variables: &[(&str, &str)]) -> Result<Vec<Carrier>, String> {
    let variables = variables
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Settings::from_sources(toml, variables)
        .map(|settings| settings.carriers)
        .map_err(|error| error.to_string())
}

fn telnyx(more: &str) -> String {
    format!(
        "[carriers.telnyx]\nkind = 'telnyx'\nrecipient_countries = ['US']\napi_key = 'KEY424242'\n{more}"
    )
}

#[test]
fn a_carrier_needs_few_settings() {
    let carriers = load(&telnyx(""), &[]).expect("enough");
    let [carrier] = &carriers[..] else {
        panic!("one carrier, not {carriers:?}");
    };
    assert_eq!(
        (carrier.name.as_str(), &carrier.countries[..]),
        ("telnyx", &[Country::US][..])
    );
    let Connection::Telnyx(telnyx) = &carrier.connection else {
        panic!("{:?}", carrier.connection.kind());
    };
    assert_eq!((telnyx.poll, telnyx.timeout), (USUAL_POLL, USUAL_TIMEOUT));
    assert!(
        !format!("{carriers:?}").contains("424242"),
        "no key is shown"
    );
}

#[test]
fn every_setting_is_taken() {
    let more = format!(
        "public_key = '{KEY}'\nbase_url = 'https://proxy.example/telnyx/v2'\npoll = '30s'\n\
         timeout = '3s'\nmax_age_days = 14\n\
         [[carriers.telnyx.declines]]\ncode = 'OTHER'\ntext = 'blue moon'\nmeans = 'delayed'\n"
    );
    let carriers = load(&telnyx(&more), &[]).expect("all of it is right");
    assert_eq!(carriers[0].max_age_days, Some(14));
    assert_eq!(carriers[0].declines[0].means, Meaning::Delayed);
    let Connection::Telnyx(telnyx) = &carriers[0].connection else {
        panic!("{:?}", carriers[0].connection.kind());
    };
    assert_eq!(telnyx.poll, Duration::from_secs(30));
    assert_eq!(
        telnyx.public_key,
        Some(*b"0123456789abcdef0123456789abcdef")
    );
}

#[test]
fn the_environment_goes_over_the_file_and_can_stand_alone() {
    let variables = [
        ("PORTICO_CARRIERS_BLUE_MOBILE_KIND", "http"),
        ("PORTICO_CARRIERS_BLUE_MOBILE_RECIPIENT_COUNTRIES", "US, GB"),
        (
            "PORTICO_CARRIERS_BLUE_MOBILE_URL",
            "https://ports.example/portico",
        ),
        (
            "PORTICO_CARRIERS_BLUE_MOBILE_SECRET",
            "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
        ),
        ("PORTICO_CARRIERS_BLUE_MOBILE_MAX_AGE_DAYS", "21"),
        ("PORTICO_CARRIERS_TELNYX_POLL", "1m"),
    ];
    let carriers = load(&telnyx("poll = '30s'\n"), &variables).expect("all of it is right");
    let names: Vec<_> = carriers.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["blue-mobile", "telnyx"]);
    assert_eq!(carriers[0].connection.kind(), Kind::Http);
    assert_eq!(carriers[0].max_age_days, Some(21));
    let Connection::Telnyx(telnyx) = &carriers[1].connection else {
        panic!("{:?}", carriers[1].connection.kind());
    };
    assert_eq!(telnyx.poll, Duration::from_secs(60));
}

#[test]
fn an_error_names_the_setting() {
    let manual = "kind = 'manual'\nrecipient_countries = ['US']\n";
    let cases = [
        (
            telnyx("colour = 'x'\n"),
            "carriers.telnyx.colour: is not a setting",
        ),
        (
            telnyx("url = 'https://a.example'\n"),
            "carriers.telnyx.url: is not a setting of the kind",
        ),
        (
            telnyx("base_url = 'http://a.example'\n"),
            "carriers.telnyx.base_url: must be https",
        ),
        (
            telnyx("base_url = 'https://127.0.0.1/'\n"),
            "carriers.telnyx.base_url: must not name",
        ),
        (telnyx("poll = 30\n"), "carriers.telnyx.poll: must be"),
        (telnyx("poll = '2d'\n"), "carriers.telnyx.poll: must be"),
        (
            telnyx("timeout = '1h'\n"),
            "carriers.telnyx.timeout: must be",
        ),
        (
            telnyx("public_key = 'abc'\n"),
            "carriers.telnyx.public_key: must be",
        ),
        (
            telnyx("max_age_days = 0\n"),
            "carriers.telnyx.max_age_days: must be",
        ),
        (
            telnyx("[[carriers.telnyx.declines]]\nmeans = 'delayed'\n"),
            "carriers.telnyx.declines.0: needs",
        ),
        (
            telnyx("[[carriers.telnyx.declines]]\ncode = 'X'\nmeans = 'no'\n"),
            "carriers.telnyx.declines.0: `means`",
        ),
        (
            format!("[carriers.test]\n{manual}"),
            "carriers.test: is a simulated",
        ),
        (
            format!("[carriers.Acme]\n{manual}"),
            "carriers.Acme: the name",
        ),
        (
            "[carriers.acme]\nkind = 'fax'\n".to_owned(),
            "carriers.acme.kind: must be one of",
        ),
        (
            "[carriers.acme]\nkind = 'manual'\n".to_owned(),
            "carriers.acme.recipient_countries: ",
        ),
        (
            "[carriers.acme]\nkind = 'manual'\nrecipient_countries = []\n".to_owned(),
            "carriers.acme.recipient_countries: must name",
        ),
        (
            "[carriers.acme]\nkind = 'manual'\nrecipient_countries = ['FR']\n".to_owned(),
            "carriers.acme.recipient_countries: FR: there is no table",
        ),
        (
            "[carriers.acme]\nkind = 'http'\nrecipient_countries = ['US']\n".to_owned(),
            "carriers.acme.url: is required",
        ),
    ];
    for (toml, start) in cases {
        let error = load(&toml, &[]).expect_err(&toml);
        assert!(error.starts_with(start), "{toml}: {error}");
        assert!(
            !error.contains("424242") && !error.contains('\n'),
            "{error}"
        );
    }
}

#[test]
fn a_variable_of_no_setting_is_refused_by_name() {
    for name in [
        "PORTICO_CARRIERS_TELNYX_COLOUR",
        "PORTICO_CARRIERS_API_KEY",
        "PORTICO_CARRIERS",
    ] {
        let error = load(&telnyx(""), &[(name, "x")]).expect_err(name);
        assert!(error.starts_with(name), "{error}");
    }
}

#[test]
fn a_connected_carrier_can_ask_for_user_addresses() {
    let toml = format!(
        "user_address_required = ['blue']\n{}",
        "[carriers.blue]\nkind = 'manual'\n\
                        recipient_countries = ['DE']\n"
    );
    assert!(load(&toml, &[]).is_ok());
}
