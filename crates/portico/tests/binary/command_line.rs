//! What an operator types.

use crate::support::Home;

#[test]
fn a_project_and_its_keys_from_first_to_last() {
    let home = Home::migrated();
    home.must(&["project", "create", "acme", "--type", "test"]);
    home.must(&["project", "create", "acme-live", "--type", "live"]);
    home.must(&[
        "project",
        "set",
        "acme",
        "name=Acme Mobile",
        "locales=en,de",
    ]);
    let projects = home.must(&["project", "list"]);
    let rows: Vec<Vec<&str>> = projects
        .lines()
        .map(|row| row.split_whitespace().collect())
        .collect();
    assert_eq!(rows[1], ["acme", "test", "Acme", "Mobile"]);
    assert_eq!(rows[2], ["acme-live", "live", "acme-live"]);

    let key = home.must(&["api-key", "create", "--project", "acme"]);
    assert_eq!(
        key.lines().count(),
        1,
        "the key stands alone on standard output"
    );
    let key = key.trim();
    assert!(key.starts_with("portico_") && key.len() == 80, "{key}");
    let listed = home.must(&["api-key", "list"]);
    let row: Vec<&str> = listed
        .lines()
        .nth(1)
        .expect("a row")
        .split_whitespace()
        .collect();
    assert_eq!((row[1], row[3]), ("acme", "-"));
    let secret = key.rsplit('_').next().expect("a secret");
    assert!(!listed.contains(secret), "a key is shown once");

    home.must(&["api-key", "revoke", row[0]]);
    home.must(&["api-key", "revoke", row[0]]);
    let listed = home.must(&["api-key", "list", "--project", "acme"]);
    assert!(
        !listed.lines().nth(1).expect("a row").ends_with('-'),
        "{listed}"
    );
    assert_eq!(
        home.must(&["api-key", "list", "--project", "acme-live"])
            .lines()
            .count(),
        1
    );
}

#[test]
fn every_setting_of_a_project_can_be_set_and_cleared() {
    let home = Home::migrated();
    home.must(&["project", "create", "acme", "--type", "test"]);
    let logo = [
        &[0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'][..],
        &[0; 64],
    ]
    .concat();
    std::fs::write(home.path().join("logo.png"), logo).expect("a file");
    home.must(&[
        "project",
        "set",
        "acme",
        "name=Acme",
        "accentColor=#112233",
        "supportEmail=help@acme.example",
        "supportPhone=+1 800 555 0100",
        "supportUrl=https://acme.example/help?a=b",
        "selfServiceRepair=true",
        "repairableCodes=portingAddressRequiredOrInvalid, portingFirstNameRequiredOrInvalid",
        "callbackOrigins=https://acme.example,acme://",
        "embedOrigins=https://acme.example",
        "linkLifetimeSeconds=600",
        "locales=en,de-AT",
        "retentionDays=30",
        "logo=@logo.png",
    ]);
    home.must(&[
        "project",
        "set",
        "acme",
        "name=",
        "accentColor=",
        "supportEmail=",
        "supportPhone=",
        "supportUrl=",
        "selfServiceRepair=",
        "repairableCodes=",
        "callbackOrigins=",
        "embedOrigins=",
        "linkLifetimeSeconds=",
        "locales=",
        "retentionDays=",
        "logo=",
    ]);
    assert!(home.must(&["project", "list"]).contains("acme  test  acme"));
}

#[test]
fn an_error_is_one_line_and_names_what_is_at_fault() {
    let home = Home::migrated();
    home.must(&["project", "create", "acme", "--type", "test"]);
    std::fs::write(home.path().join("logo.svg"), "<svg/>").expect("a file");
    std::fs::write(home.path().join("large.png"), vec![0; 50_000]).expect("a file");
    let cases: [(&[&str], &str); 24] = [
        (&["project", "create", "Acme", "--type", "test"], "id"),
        (&["project", "create", "acme", "--type", "test"], "id"),
        (&["project", "create", "other"], "--type"),
        (&["project", "create", "other", "--type", "prod"], "--type"),
        (&["project", "set", "acme"], "KEY=VALUE"),
        (&["project", "set", "acme", "name"], "KEY=VALUE"),
        (&["project", "set", "acme", "colour=red"], "colour"),
        (
            &["project", "set", "acme", "accentColor=#ffff00"],
            "accentColor",
        ),
        (
            &["project", "set", "acme", "supportUrl=http://acme.example"],
            "supportUrl",
        ),
        (
            &["project", "set", "acme", "selfServiceRepair=yes"],
            "selfServiceRepair",
        ),
        (
            &["project", "set", "acme", "linkLifetimeSeconds=59"],
            "linkLifetimeSeconds",
        ),
        (
            &["project", "set", "acme", "linkLifetimeSeconds=soon"],
            "linkLifetimeSeconds",
        ),
        (
            &["project", "set", "acme", "repairableCodes=portingDeclined"],
            "repairableCodes",
        ),
        (&["project", "set", "acme", "logo=@missing.png"], "logo"),
        (&["project", "set", "acme", "logo=@logo.svg"], "logo"),
        (&["project", "set", "acme", "logo=@large.png"], "logo"),
        (&["project", "set", "acme", "logo=logo.png"], "logo"),
        (&["project", "set", "nobody", "name=x"], "ID"),
        (&["api-key", "create"], "--project"),
        (&["api-key", "create", "--project", "nobody"], "--project"),
        (&["api-key", "list", "--project", "nobody"], "--project"),
        (&["api-key", "revoke", "apk_short"], "ID"),
        (
            &["api-key", "revoke", "apk_0000000000000000000000000000"],
            "ID",
        ),
        (&["serve", "--port", "80"], "--port"),
    ];
    for (args, name) in cases {
        let error = home.must_fail(args);
        assert!(error.contains(name), "{args:?}: {error}");
    }
}

#[test]
fn the_configuration_is_checked_before_anything_is_done() {
    let cases = [
        ("PORTICO_LISTENS", "127.0.0.1:1", "PORTICO_LISTENS: "),
        ("PORTICO_LISTEN", "everywhere", "listen: "),
        ("PORTICO_LISTEN", "203.0.113.1:80", "listen: "),
        (
            "PORTICO_DATABASE_URL",
            "mysql://db/portico",
            "database_url: ",
        ),
        (
            "PORTICO_DATABASE_URL",
            "sqlite:///no/such/directory/x.db",
            "database_url: ",
        ),
        ("PORTICO_ENCRYPTION_KEY", "c2hvcnQ=", "encryption_key: "),
        (
            "PORTICO_PUBLIC_URL",
            "http://portico.example",
            "public_url: ",
        ),
        ("PORTICO_LOG_FORMAT", "xml", "log.format: "),
        (
            "PORTICO_TRUSTED_PROXIES",
            "10.0.0.0/8,proxy",
            "trusted_proxies: ",
        ),
    ];
    for (name, value, start) in cases {
        let error = Home::migrated().with(name, value).must_fail(&["serve"]);
        assert!(error.starts_with(start), "{name}={value}: {error}");
    }
    let keyless = Home::migrated().without("PORTICO_ENCRYPTION_KEY");
    let error = keyless.must_fail(&["serve"]);
    assert!(
        error.starts_with("encryption_key: ") && error.contains("openssl rand"),
        "{error}"
    );
    // What seals nothing needs no key.
    keyless.must(&["project", "create", "acme", "--type", "test"]);
}

#[test]
fn a_file_is_read_and_the_environment_goes_over_it() {
    let home = Home::migrated();
    let file = home.path().join("portico.toml");
    std::fs::write(&file, "colour = 'red'\n").expect("a file");
    let error = home.must_fail(&["serve", "--config", "portico.toml"]);
    assert!(error.starts_with("colour: "), "{error}");
    std::fs::write(&file, "listen = 'everywhere'\n[log]\nfilter = 'warn'\n").expect("a file");
    home.must(&["project", "list", "--config", "portico.toml"]);
    let error = home.must_fail(&["migrate", "--config", "missing.toml"]);
    assert!(
        error.starts_with("--config: ") && error.contains("missing.toml"),
        "{error}"
    );
}
