//! The pages with forms, up to the account holder.

use portico_domain::{country::Country, service_provider};

use crate::view::sample::{Sample, frame, framed_frame, other_frame};
use crate::view::*;

pub(super) fn samples(theme: Theme) -> Vec<Sample> {
    let groups = [intro, donor, carrier, holder];
    groups.into_iter().flat_map(|group| group(theme)).collect()
}

pub(super) fn page(name: &'static str, step: &'static str, page: &impl Page) -> Sample {
    let written = Written::of(page);
    Sample {
        name,
        step,
        html: written.text(),
        gzip: written.gzip(),
    }
}

pub(super) fn step(number: u32) -> Step {
    Step {
        progress: Some(Progress {
            step: number,
            of: 5,
        }),
        phone_number: Some("+1 959-555-0100".to_owned()),
        action: "/portal/s/csn_sample/step".to_owned(),
        form_token: "form-token".to_owned(),
        leave_href: "/portal/s/csn_sample/leave".to_owned(),
        back_href: (number > 1).then(|| "/portal/s/csn_sample/before".to_owned()),
        repair: None,
    }
}

pub(super) fn repair(code: &str, old_value: Option<&str>) -> Step {
    let repair = Repair {
        code: code.to_owned(),
        old_value: old_value.map(str::to_owned),
    };
    Step {
        progress: None,
        repair: Some(repair),
        ..step(1)
    }
}

fn intro(theme: Theme) -> Vec<Sample> {
    let of = |frame, purpose| Intro {
        frame,
        action: "/portal/entry".to_owned(),
        session: "csn_sample".to_owned(),
        token: "sample-token".to_owned(),
        purpose,
        act: Act::Transfer,
        needs: vec![
            Need::AccountNumber,
            Need::TransferPin,
            Need::HolderName,
            Need::Address,
        ],
        auto_submit: false,
        opening: Opening::Here,
    };
    let mut framed = of(framed_frame(theme), Purpose::Transfer);
    framed.opening = Opening::Frame { probe: "portico" };
    let mut without_cookies = of(framed_frame(theme), Purpose::Transfer);
    without_cookies.opening = Opening::WholeWindow;
    let mut british = of(frame(theme), Purpose::Transfer);
    british.needs = vec![Need::Pac];
    vec![
        page("intro", "intro", &of(frame(theme), Purpose::Transfer)),
        page(
            "intro-resume",
            "intro",
            &of(other_frame(theme), Purpose::Resume),
        ),
        page("intro-view", "intro", &of(frame(theme), Purpose::View)),
        page("intro-pac", "intro", &british),
        page("intro-framed", "intro", &framed),
        page("intro-framed-cookies", "intro", &without_cookies),
    ]
}

fn donor(theme: Theme) -> Vec<Sample> {
    let (listed, other): (Vec<_>, Vec<_>) = service_provider::all()
        .iter()
        .filter(|donor| donor.country == Country::US)
        .partition(|donor| !donor.is_other());
    let choices = listed.iter().map(|it| Choice::new(it.id, it.name));
    let choices: Vec<Choice> = choices.collect();
    let other = other.first().map(|donor| donor.id);
    let of = |note, selected: Option<&str>| {
        let input = SelectInput {
            choices: choices.clone(),
            selected: selected.map(str::to_owned),
            note,
        };
        DonorProvider::new(frame(theme), step(1), input, other)
    };
    let middle = choices.get(choices.len() / 2).map(|it| it.value.as_str());
    let missing = Note::Error(Problem::Missing(Control::DonorProvider));
    vec![
        page("donor", "donorProvider", &of(Note::None, other)),
        page("donor-chosen", "donorProvider", &of(Note::None, middle)),
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
        Some(Saved {
            masked: masked.map(str::to_owned),
            change_href,
        })
    };
    let plain = verizon(frame(theme), step(2));
    let mut wrong = verizon(frame(theme), step(2));
    if let (Some(number), Some(pin)) = (&mut wrong.account_number, &mut wrong.account_pin) {
        let note = Note::Error(Problem::Characters(Control::AccountNumber));
        number.input.input = TextInput {
            value: "942<000>1".to_owned(),
            note,
        };
        pin.input.input.note = Note::Error(Problem::Missing(Control::AccountPin));
    }
    let mut unsure = verizon(frame(theme), step(2));
    if let (Some(number), Some(pin)) = (&mut unsure.account_number, &mut unsure.account_pin) {
        let note = Note::Warning(Problem::AccountNumberIsPhoneNumber);
        number.input.input = TextInput {
            value: "9595550100".to_owned(),
            note,
        };
        pin.input.saved = saved(None);
        pin.input.input.note = Note::Warning(Problem::PinLength { expected: vec![6] });
    }
    let mut stored = verizon(other_frame(theme), step(2));
    if let (Some(number), Some(pin)) = (&mut stored.account_number, &mut stored.account_pin) {
        number.input.saved = saved(Some("••••0001"));
        pin.input.saved = saved(None);
    }
    let mut again = verizon(
        frame(theme),
        repair("portingAccountPinRequiredOrInvalid", None),
    );
    again.account_number = None;
    let rejected = repair("portingAccountNumberRequiredOrInvalid", Some("••••0001"));
    let mut number_again = verizon(frame(theme), rejected);
    number_again.account_pin = None;
    let mut british = verizon(frame(theme), step(1));
    british.account_number = None;
    british.lock_note = None;
    british.account_pin = Some(Pin {
        kind: PinKind::Pac,
        ..Pin::default()
    });
    if let Some(pin) = &mut british.account_pin {
        pin.input.input.note = Note::Error(Problem::Missing(Control::AccountPin));
    }
    let mut everything = verizon(frame(theme), step(2));
    everything.billing_pin = Some(Pin {
        kind: PinKind::BillingPin,
        ..Pin::default()
    });
    let selected = Some(AccountType::PostpaidSingle);
    everything.account_type = Some(AccountTypeInput {
        selected,
        note: Note::None,
    });
    let mut british_end = verizon(frame(theme), step(1));
    british_end.account_number = None;
    british_end.account_pin = Some(Pin {
        kind: PinKind::Stac,
        ..Pin::default()
    });
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
        page(
            "holder-birthday",
            "holderDetails",
            &of(step(3), birthday(Note::None)),
        ),
        page(
            "holder-error",
            "holderDetails",
            &of(step(3), birthday(invalid)),
        ),
        page("holder-repair", "holderDetails", &of(declined, None)),
    ]
}
