use super::*;

fn mapper(kind: Kind) -> Mapper {
    Mapper::new("acme", kind, Vec::new())
}

fn declined(code: DeclineCode, by: Rule) -> Mapped {
    Mapped {
        meaning: Meaning::Declined(code),
        by,
    }
}

/// Each row is found by what it says, unless an earlier step or row knows better.
#[test]
fn every_shipped_row_can_be_reached() {
    for kind in Kind::ALL {
        for row in table::of(kind) {
            let mapped = mapper(kind).map(row.code.as_deref(), row.text.as_deref());
            let expected = match &row.means {
                Meaning::Text => Meaning::Declined(DeclineCode::Declined),
                other => other.clone(),
            };
            assert_eq!(mapped.meaning, expected, "{row:?}");
            assert_ne!(mapped.by, Rule::Nothing, "{row:?}");
        }
    }
    for row in table::industry() {
        let mapped = mapper(Kind::Http).map(row.code.as_deref(), row.text.as_deref());
        if row.means != Meaning::Text {
            assert_eq!(
                (mapped.meaning, mapped.by),
                (row.means.clone(), Rule::Industry),
                "{row:?}"
            );
        }
    }
    for row in table::keywords() {
        let mapped = mapper(Kind::Manual).map(None, row.text.as_deref());
        assert_eq!(
            (mapped.meaning, mapped.by),
            (row.means.clone(), Rule::Keyword),
            "{row:?}"
        );
    }
}

/// From the published list of the carrier; written here a second time.
#[test]
fn every_exception_of_telnyx_has_a_meaning() {
    use DeclineCode as Code;
    let meanings = [
        ("ACCOUNT_NUMBER_MISMATCH", Code::AccountNumber),
        ("BTN_ATN_MISMATCH", Code::AccountNumber),
        ("PASSCODE_PIN_INVALID", Code::AccountPin),
        ("POSTAL_CODE_MISMATCH", Code::ZipCode),
        ("LOCATION_MISMATCH", Code::Address),
        ("ENTITY_NAME_MISMATCH", Code::UserInformation),
        ("AUTH_PERSON_MISMATCH", Code::UserInformation),
        ("PHONE_NUMBER_MISMATCH", Code::NotFound),
        ("LSR_PENDING", Code::PendingOtherProvider),
        ("PORT_TYPE_INCORRECT", Code::Prepaid),
        ("PHONE_NUMBER_NOT_PORTABLE", Code::Administrative),
        ("PHONE_NUMBER_HAS_SPECIAL_FEATURE", Code::Administrative),
        ("RATE_CENTER_NOT_PORTABLE", Code::Administrative),
        ("OTHER", Code::Declined),
        ("MAIN_BTN_PORTING", Code::Declined),
        ("PORTING_ORDER_SPLIT_REQUIRED", Code::Declined),
        ("FOC_EXPIRED", Code::Declined),
        ("SV_UNKNOWN_FAILURE", Code::Declined),
    ];
    let telnyx = mapper(Kind::Telnyx);
    for (code, meaning) in meanings {
        let expected = declined(meaning, Rule::Code);
        assert_eq!(telnyx.map(Some(code), None), expected, "{code}");
    }
    for code in ["FOC_REJECTED", "OSP_IRRESPONSIVE", "SV_CONFLICT"] {
        let mapped = telnyx.map(Some(code), Some("PIN, account number and address"));
        assert_eq!(mapped.meaning, Meaning::Delayed, "{code}");
    }
}

#[test]
fn the_order_of_the_steps_holds() {
    use DeclineCode as Code;
    let row = |code: Option<&str>, text: Option<&str>, means| {
        Row::new(code.map(str::to_owned), text.map(str::to_owned), means).expect("a good row")
    };
    let own = vec![
        row(Some("X"), Some("of the day"), "portingDuplicated"),
        row(Some("x"), None, "portingPhoneNumberPrepaid"),
        row(None, Some("blue moon"), "delayed"),
    ];
    let acme = Mapper::new("acme", Kind::Http, own);
    let text = "6P pin of the day";
    assert_eq!(
        acme.map(Some("X"), Some(text)),
        declined(Code::Duplicated, Rule::Exact)
    );
    assert_eq!(
        acme.map(Some("X"), Some("6P pin")),
        declined(Code::Prepaid, Rule::Code)
    );
    assert_eq!(
        acme.map(Some("Y"), Some("6P pin")),
        declined(Code::PortProtected, Rule::Industry)
    );
    assert_eq!(
        acme.map(Some("Y"), Some("pin")),
        declined(Code::AccountPin, Rule::Keyword)
    );
    assert_eq!(
        acme.map(Some("Y"), Some("no")),
        declined(Code::Declined, Rule::Nothing)
    );
    assert_eq!(
        acme.map(None, None),
        declined(Code::Declined, Rule::Nothing)
    );
    assert_eq!(
        acme.map(None, Some("Once in a BLUE moon!")).meaning,
        Meaning::Delayed
    );
}

#[test]
fn a_code_that_two_carriers_use_differently_is_told_apart_by_its_text() {
    use DeclineCode as Code;
    let http = mapper(Kind::Http);
    let pin = http.map(Some("951"), Some("CT 6B Transfer PIN required"));
    assert_eq!(pin, declined(Code::AccountPin, Rule::Industry));
    let internal = http.map(Some("6B"), Some("Order is internal"));
    assert_eq!(internal, declined(Code::SameProvider, Rule::Industry));
    let zip = http.map(Some("8D"), Some("ZIP code does not match"));
    assert_eq!(zip, declined(Code::ZipCode, Rule::Industry));
}

#[test]
fn a_code_that_says_nothing_lets_the_text_speak() {
    let telnyx = mapper(Kind::Telnyx);
    let locked = telnyx.map(Some("OTHER"), Some("Customer has Number Lock enabled"));
    assert_eq!(locked, declined(DeclineCode::PortProtected, Rule::Keyword));
    let code = telnyx.map(Some("OTHER"), Some("Rejected by OSP: 8C"));
    assert_eq!(code, declined(DeclineCode::AccountPin, Rule::Industry));
}

#[test]
fn so_does_such_a_code_inside_the_text() {
    let mapped = |text| mapper(Kind::Http).map(None, Some(text));
    assert_eq!(
        mapped("CT 6G: wrong account number"),
        declined(DeclineCode::AccountNumber, Rule::Keyword)
    );
    assert_eq!(
        mapped("CT 6G"),
        declined(DeclineCode::Declined, Rule::Industry)
    );
}

#[test]
fn of_several_reasons_the_first_that_can_be_repaired_leads_and_all_are_kept() {
    let reason = |code: &str| Reason {
        code: Some(code.to_owned()),
        ..Reason::default()
    };
    let reasons = [
        reason("FOC_REJECTED"),
        reason("LSR_PENDING"),
        reason("PASSCODE_PIN_INVALID"),
        reason("ACCOUNT_NUMBER_MISMATCH"),
    ];
    let answers = mapper(Kind::Telnyx).answers(&reasons);
    let said: Vec<_> = answers
        .iter()
        .filter_map(|it| it.raw_code.as_deref())
        .collect();
    let expected = [
        "PASSCODE_PIN_INVALID",
        "ACCOUNT_NUMBER_MISMATCH",
        "LSR_PENDING",
        "FOC_REJECTED",
    ];
    assert_eq!(said, expected);
    assert_eq!(answers[3].outcome, Outcome::Delayed);
}

#[test]
fn a_refusal_without_a_reason_is_one_all_the_same() {
    let answers = mapper(Kind::Telnyx).answers(&[]);
    assert!(
        matches!(&answers[..], [Answer { outcome: Outcome::Declined { code, .. }, .. }]
            if *code == DeclineCode::Declined)
    );
}

#[test]
fn an_operators_row_must_say_something() {
    let row = |code: Option<&str>, text: Option<&str>, means| {
        Row::new(code.map(str::to_owned), text.map(str::to_owned), means).map(drop)
    };
    assert_eq!(row(None, None, "delayed"), Err(RowError::Empty));
    assert_eq!(row(None, Some(" - "), "delayed"), Err(RowError::NoWords));
    assert_eq!(row(Some("X"), None, "portingWrong"), Err(RowError::Meaning));
}

#[test]
fn what_may_be_about_a_person_is_not_taken_for_a_code() {
    assert!(is_code("PASSCODE_PIN_INVALID") && is_code("951"));
    for text in [
        "",
        "Jane Doe",
        "+12125550100",
        "2125550100",
        "jane@example.org",
    ] {
        assert!(!is_code(text), "{text}");
    }
}
