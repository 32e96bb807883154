//! The pages with forms.

use crate::view::sample::{Sample, frame, other_frame};
use crate::view::*;

pub(super) fn samples(theme: Theme) -> Vec<Sample> {
    let groups = [intro, donor, carrier, holder, rest, review];
    groups.into_iter().flat_map(|group| group(theme)).collect()
}

fn page(name: &'static str, step: &'static str, page: &impl askama::Template) -> Sample {
    Sample { name, step, html: html(page) }
}

fn step(number: u32) -> Step {
    Step {
        progress: Some(Progress { step: number, of: 5 }),
        phone_number: Some("+1 959-555-0100".to_owned()),
        action: "/portal/s/csn_sample/step".to_owned(),
        form_token: "form-token".to_owned(),
        leave_href: "/portal/s/csn_sample/leave".to_owned(),
        back_href: (number > 1).then(|| "/portal/s/csn_sample/before".to_owned()),
        repair: None,
    }
}

fn repair(code: &str, old_value: Option<&str>) -> Step {
    let repair = Repair { code: code.to_owned(), old_value: old_value.map(str::to_owned) };
    Step { progress: None, repair: Some(repair), ..step(1) }
}

fn intro(theme: Theme) -> Vec<Sample> {
    let of = |frame, purpose| Intro {
        frame,
        action: "/portal/entry".to_owned(),
        session: "csn_sample".to_owned(),
        token: "sample-token".to_owned(),
        purpose,
        needs: vec![Need::AccountNumber, Need::TransferPin, Need::HolderName, Need::Address],
        auto_submit: false,
    };
    let mut british = of(frame(theme), Purpose::Transfer);
    british.needs = vec![Need::Pac];
    vec![
        page("intro", "intro", &of(frame(theme), Purpose::Transfer)),
        page("intro-resume", "intro", &of(other_frame(theme), Purpose::Resume)),
        page("intro-view", "intro", &of(frame(theme), Purpose::View)),
        page("intro-pac", "intro", &british),
    ]
}

fn donor(theme: Theme) -> Vec<Sample> {
    let names = [
        "AT&T", "AT&T Prepaid", "Boost Mobile", "Consumer Cellular", "Cricket", "Google Fi",
        "Metro by T-Mobile", "Mint Mobile", "Red Pocket", "Simple Mobile", "Spectrum Mobile",
        "Straight Talk", "T-Mobile", "T-Mobile Prepaid", "Tello", "Ting", "Total Wireless",
        "Tracfone", "UScellular", "US Mobile", "Verizon", "Verizon Prepaid", "Visible",
        "Xfinity Mobile",
    ];
    let choices: Vec<Choice> =
        names.iter().map(|name| Choice::new(format!("svp_{}", name.len()), *name)).collect();
    let of = |note, selected: Option<&str>| DonorProvider {
        frame: frame(theme),
        step: step(1),
        donor_provider: SelectInput {
            choices: choices.clone(),
            selected: selected.map(str::to_owned),
            note,
        },
        not_listed: Some("svp_other".to_owned()),
    };
    let missing = Note::Error(Problem::Missing(Control::DonorProvider));
    vec![
        page("donor", "donorProvider", &of(Note::None, Some("svp_other"))),
        page("donor-error", "donorProvider", &of(missing, None)),
    ]
}

fn verizon(frame: Frame, step: Step) -> CarrierDetails {
    CarrierDetails {
        frame,
        step,
        donor: Some("Verizon".to_owned()),
        account_number: Some(AccountNumber {
            help: Some("At the top of your bill, or in My Verizon under Account. Nine digits, a dash, five digits.".to_owned()),
            ..AccountNumber::default()
        }),
        account_pin: Some(Pin {
            help: Some("Dial the code below, or ask for a Number Transfer PIN in My Verizon. It is not your account PIN.".to_owned()),
            dial: Some("#7678".to_owned()),
            numeric: true,
            ..Pin::default()
        }),
        billing_pin: None,
        account_type: None,
        lock_note: Some("If Number Lock is on, switch it off first: My Verizon app, Account, Security, Number Lock.".to_owned()),
    }
}

fn carrier(theme: Theme) -> Vec<Sample> {
    let saved = |masked: Option<&str>| {
        let change_href = "/portal/s/csn_sample/carrier?change=1".to_owned();
        Some(Saved { masked: masked.map(str::to_owned), change_href })
    };
    let plain = verizon(frame(theme), step(2));
    let mut wrong = verizon(frame(theme), step(2));
    if let (Some(number), Some(pin)) = (&mut wrong.account_number, &mut wrong.account_pin) {
        let note = Note::Error(Problem::Characters(Control::AccountNumber));
        number.input.input = TextInput { value: "942<000>1".to_owned(), note };
        pin.input.input.note = Note::Error(Problem::Missing(Control::AccountPin));
    }
    let mut unsure = verizon(frame(theme), step(2));
    if let (Some(number), Some(pin)) = (&mut unsure.account_number, &mut unsure.account_pin) {
        let note = Note::Warning(Problem::AccountNumberIsPhoneNumber);
        number.input.input = TextInput { value: "9595550100".to_owned(), note };
        pin.input.saved = saved(None);
        pin.input.input.note = Note::Warning(Problem::PinLength { expected: vec![6] });
    }
    let mut stored = verizon(other_frame(theme), step(2));
    if let (Some(number), Some(pin)) = (&mut stored.account_number, &mut stored.account_pin) {
        number.input.saved = saved(Some("••••0001"));
        pin.input.saved = saved(None);
    }
    let mut again = verizon(frame(theme), repair("portingAccountPinRequiredOrInvalid", None));
    again.account_number = None;
    let rejected = repair("portingAccountNumberRequiredOrInvalid", Some("••••0001"));
    let mut number_again = verizon(frame(theme), rejected);
    number_again.account_pin = None;
    let mut british = verizon(frame(theme), step(1));
    british.account_number = None;
    british.lock_note = None;
    british.account_pin = Some(Pin { kind: PinKind::Pac, ..Pin::default() });
    if let Some(pin) = &mut british.account_pin {
        pin.input.input.note = Note::Error(Problem::Missing(Control::AccountPin));
    }
    let mut everything = verizon(frame(theme), step(2));
    everything.billing_pin = Some(Pin { kind: PinKind::BillingPin, ..Pin::default() });
    let selected = Some(AccountType::PostpaidSingle);
    everything.account_type = Some(AccountTypeInput { selected, note: Note::None });
    let mut british_end = verizon(frame(theme), step(1));
    british_end.account_number = None;
    british_end.account_pin = Some(Pin { kind: PinKind::Stac, ..Pin::default() });
    vec![
        page("carrier", "carrierDetails", &plain),
        page("carrier-error", "carrierDetails", &wrong),
        page("carrier-warning", "carrierDetails", &unsure),
        page("carrier-saved", "carrierDetails", &stored),
        page("carrier-repair-pin", "carrierDetails", &again),
        page("carrier-repair-number", "carrierDetails", &number_again),
        page("carrier-pac", "carrierDetails", &british),
        page("carrier-stac", "carrierDetails", &british_end),
        page("carrier-all", "carrierDetails", &everything),
    ]
}

fn holder(theme: Theme) -> Vec<Sample> {
    let of = |step, birthday| HolderDetails {
        frame: frame(theme),
        step,
        first_name: Some(TextInput::with_value("Imani")),
        last_name: Some(TextInput::with_value("Okafor-Lindqvist")),
        birthday,
    };
    let birthday = |note| {
        Some(BirthdayInput {
            day: "31".to_owned(),
            month: "2".to_owned(),
            year: "1987".to_owned(),
            month_first: true,
            note,
        })
    };
    let invalid = Note::Error(Problem::Invalid(Control::Birthday));
    let declined = repair("portingLastNameRequiredOrInvalid", Some("Okafor"));
    vec![
        page("holder", "holderDetails", &of(step(3), None)),
        page("holder-birthday", "holderDetails", &of(step(3), birthday(Note::None))),
        page("holder-error", "holderDetails", &of(step(3), birthday(invalid))),
        page("holder-repair", "holderDetails", &of(declined, None)),
    ]
}

fn rest(theme: Theme) -> Vec<Sample> {
    let states = [("CA", "California"), ("NY", "New York"), ("TX", "Texas")];
    let states = states.map(|(code, name)| Choice::new(code, name)).to_vec();
    let address = |frame: Frame, step| Address {
        country: SelectInput {
            choices: vec![Choice::new("US", frame.texts.country_name("US"))],
            selected: Some("US".to_owned()),
            note: Note::None,
        },
        frame,
        step,
        line1: TextInput::with_value("1180 Harbor View Terrace"),
        line2: TextInput::default(),
        city: TextInput::with_value("Oakland"),
        state: Some(SelectInput { choices: states.clone(), ..SelectInput::default() }),
        postal_code: Some(TextInput::default()),
        style: AddressStyle::UnitedStates,
    };
    let mut wrong = address(frame(theme), step(4));
    wrong.line1 = TextInput { value: String::new(), note: Note::Error(Problem::Missing(Control::Line1)) };
    wrong.state = Some(SelectInput {
        choices: states.clone(),
        selected: None,
        note: Note::Error(Problem::Missing(Control::State)),
    });
    let note = Note::Error(Problem::Invalid(Control::PostalCode));
    wrong.postal_code = Some(TextInput { value: "9410".to_owned(), note });
    let mut abroad = address(frame(theme), step(4));
    abroad.country.choices.push(Choice::new("PR", abroad.frame.texts.country_name("PR")));
    abroad.style = AddressStyle::General;
    let old = "1180 Harbor View, Oakland, CA 94607";
    let declined = repair("portingAddressRequiredOrInvalid", Some(old));
    let approval = DonorProviderApproval {
        frame: frame(theme),
        step: step(4),
        donor: Some("Verizon".to_owned()),
        approval: CheckInput::default(),
    };
    let locked = |lock_name: Option<&str>, instructions: &[&str], note| PortProtected {
        frame: frame(theme),
        step: repair("portingPhoneNumberPortProtected", None),
        donor: Some("Verizon".to_owned()),
        lock_name: lock_name.map(str::to_owned),
        instructions: instructions.iter().map(|&text| text.to_owned()).collect(),
        confirmation: CheckInput { checked: false, note },
    };
    let how = [
        "Open the My Verizon app and sign in as the account owner.",
        "Go to Account, then Profile & settings, then Security.",
        "Tap Number Lock and switch it off for this number.",
    ];
    let missing = Note::Error(Problem::Missing(Control::ProtectionDisabled));
    vec![
        page("address", "address", &address(frame(theme), step(4))),
        page("address-error", "address", &wrong),
        page("address-countries", "address", &abroad),
        page("address-repair", "address", &address(frame(theme), declined)),
        page("approval", "donorProviderApproval", &approval),
        page("protected", "portProtected", &locked(Some("Number Lock"), &how, Note::None)),
        page("protected-error", "portProtected", &locked(None, &[], missing)),
    ]
}

fn review(theme: Theme) -> Vec<Sample> {
    let answer = |value| {
        Answer { value, change_href: Some("/portal/s/csn_sample/step?change=1".to_owned()) }
    };
    let of = |frame: Frame, authorization| Review {
        frame,
        step: step(5),
        donor: Some("Verizon".to_owned()),
        act: Act::Transfer,
        answers: vec![
            answer(Answered::DonorProvider("Verizon".to_owned())),
            answer(Answered::AccountNumber("••••0001".to_owned())),
            answer(Answered::AccountPin(PinKind::TransferPin)),
            answer(Answered::AccountType(AccountType::PostpaidMulti)),
            answer(Answered::HolderName("Imani Okafor-Lindqvist".to_owned())),
            answer(Answered::Birthday("March 27, 1987".to_owned())),
            answer(Answered::Address(vec![
                "1180 Harbor View Terrace".to_owned(),
                "Oakland, CA 94607".to_owned(),
            ])),
            answer(Answered::BillingPin),
            answer(Answered::DonorProviderApproval),
        ],
        authorization,
    };
    let missing = Note::Error(Problem::Missing(Control::Authorization));
    let mut changed = of(frame(theme), CheckInput::default());
    changed.frame.notice = Some(Notice::ChangedElsewhere);
    let mut cancel = of(other_frame(theme), CheckInput::default());
    cancel.act = Act::CancelOnly;
    cancel.donor = None;
    cancel.step.phone_number = Some("+44 7700 900123".to_owned());
    cancel.answers = vec![answer(Answered::AccountPin(PinKind::Stac))];
    vec![
        page("review", "review", &of(other_frame(theme), CheckInput::default())),
        page("review-error", "review", &of(frame(theme), CheckInput { checked: false, note: missing })),
        page("review-changed", "review", &changed),
        page("review-cancel", "review", &cancel),
    ]
}
