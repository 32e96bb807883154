use std::ffi::OsString;

use super::*;

fn load(toml: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
    let variables = variables
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Settings::from_sources(toml, variables).map_err(|error| error.to_string())
}

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

#[test]
fn nothing_needs_to_be_set() {
    let settings = load("", &[]).expect("the defaults hold");
    assert_eq!(settings.database_url, "sqlite://portico.db");
    let config = settings.app_config(settings.listen).expect("a public URL");
    assert_eq!(config.public_url, "http://127.0.0.1:8080");
    assert!(!config.is_https);
    assert_eq!(config.limits.wrong_tokens.times, 30);
    assert_eq!(config.browser.idle.as_secs(), 7_200);
}

#[test]
fn the_environment_goes_over_the_file() {
    let toml = "listen = '127.0.0.1:1'\n[limits]\nsessions_per_hour = 5\ndrafts_per_user = 2\n";
    let variables = [
        ("PORTICO_LISTEN", "127.0.0.1:2"),
        ("PORTICO_LIMITS_SESSIONS_PER_HOUR", "7"),
        ("PORTICO_BLOCKED_NUMBERS", "+19595550100, +19595550101"),
        ("PORTICO_SIMULATOR_TIME_SCALE", "0.05"),
        ("PORTICO_DEV_API_KEY", "for another command"),
        ("HOME", "elsewhere"),
    ];
    let settings = load(toml, &variables).expect("all of it is right");
    assert_eq!(settings.listen, address("127.0.0.1:2"));
    assert_eq!(settings.app.limits.sessions_per_subscription.times, 7);
    assert_eq!(settings.app.limits.drafts_per_user, 2);
    assert_eq!(settings.app.blocked_numbers.len(), 2);
    assert!((settings.time_scale - 0.05).abs() < f64::EPSILON);
}

#[test]
fn an_error_names_the_setting() {
    let cases = [
        ("colour = 1", "colour: "),
        ("[limits]\nsesions = 1", "limits.sesions: "),
        ("[log]\nformat = 'xml'", "log.format: "),
        ("[log]\nfilter = 'a=b=c'", "log.filter: "),
        ("[limits]\npins_per_hour = 0", "limits.pins_per_hour: "),
        ("[limits]\npins_per_hour = 'many'", "limits.pins_per_hour: "),
        ("[limits]\nconnections = 0", "limits.connections: "),
        (
            "[limits]\nkeep_alive_seconds = 0",
            "limits.keep_alive_seconds: ",
        ),
        ("listen = '8080'", "listen: "),
        ("database_url = 'mysql://db/portico'", "database_url: "),
        (
            "[outgoing]\nallow_networks = ['intranet']",
            "outgoing.allow_networks: intranet",
        ),
        ("[webhooks]\nconcurrency = 0", "webhooks.concurrency: "),
        ("database_url = 'sqlite::memory:'", "database_url: "),
        ("database_url = 'portico.db'", "database_url: "),
        ("public_url = 'http://portico.example'", "public_url: "),
        ("public_url = 'https://portico.example/app'", "public_url: "),
        ("public_url = 'portico.example'", "public_url: "),
        ("trusted_proxies = ['10.0.0.0/99']", "trusted_proxies: "),
        ("blocked_numbers = ['0123']", "blocked_numbers: "),
        ("event_type_prefix = 'com.example'", "event_type_prefix: "),
        (
            "user_address_required = ['nobody']",
            "user_address_required: ",
        ),
        (
            "[sessions]\nidle_seconds = 90000",
            "sessions.idle_seconds: ",
        ),
        ("[simulator]\ntime_scale = -1.0", "simulator.time_scale: "),
        ("[metrics]\nlisten = '9464'", "metrics.listen: "),
        ("[otlp]\nendpoint = 'collector:4318'", "otlp.endpoint: "),
        ("[otlp]\nendpoint = 'https://collector'", "otlp.endpoint: "),
        ("[otlp]\nsample_ratio = 1.5", "otlp.sample_ratio: "),
        ("[stop]\ngrace_seconds = 301", "stop.grace_seconds: "),
        ("listen = ", "--config: "),
    ];
    for (toml, start) in cases {
        let error = load(toml, &[]).expect_err(toml);
        assert!(error.starts_with(start), "{toml}: {error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn an_error_names_the_variable() {
    for (name, value) in [
        ("PORTICO_LISTENS", "x"),
        ("PORTICO_LIMITS_PINS_PER_HOUR", "many"),
        ("PORTICO_SIMULATOR_TIME_SCALE", "fast"),
    ] {
        let error = load("", &[(name, value)]).expect_err(name);
        assert!(error.starts_with(name), "{error}");
    }
}

#[test]
fn an_error_never_repeats_the_encryption_key() {
    for toml in [
        "encryption_key = 424242",
        "encryption_key = 424242 x",
        "encryption_key = '424242",
        "encryption_keys_old = '424242'",
        "encryption_keys_old = [424242]",
    ] {
        let error = load(toml, &[]).expect_err(toml);
        assert!(!error.contains("424242"), "{error}");
    }
}

#[test]
fn beyond_this_machine_the_public_url_must_be_set() {
    let settings = load("listen = '0.0.0.0:80'", &[]).expect("right so far");
    let error = settings
        .app_config(address("0.0.0.0:80"))
        .expect_err("no public URL");
    assert!(error.to_string().starts_with("public_url: "));
    let toml = "listen = '0.0.0.0:80'\npublic_url = 'https://Portico.example/'";
    let config = load(toml, &[])
        .expect("right")
        .app_config(address("0.0.0.0:80"));
    let config = config.expect("a public URL");
    assert_eq!(config.public_url, "https://portico.example");
    assert!(config.is_https);
}
