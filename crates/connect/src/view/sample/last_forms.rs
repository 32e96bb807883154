//! The pages with forms, from the address to the review.

use crate::view::sample::forms::{page, repair, step};
use crate::view::sample::{Sample, frame, other_frame};
use crate::view::*;

pub(super) fn samples(theme: Theme) -> Vec<Sample> {
    let groups = [address, confirmations, review];
    groups.into_iter().flat_map(|group| group(theme)).collect()
}

fn address(theme: Theme) -> Vec<Sample> {
    let states = [("CA", "California"), ("NY", "New York"), ("TX", "Texas")];
    let states = states.map(|(code, name)| Choice::new(code, name)).to_vec();
    let of = |frame: Frame, step| Address {
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
        state: Some(SelectInput {
            choices: states.clone(),
            ..SelectInput::default()
        }),
        postal_code: Some(TextInput::default()),
        style: AddressStyle::UnitedStates,
    };
    let mut wrong = of(frame(theme), step(4));
    wrong.line1 = TextInput {
        value: String::new(),
        note: Note::Error(Problem::Missing(Control::Line1)),
    };
    wrong.state = Some(SelectInput {
        choices: states.clone(),
        selected: None,
        note: Note::Error(Problem::Missing(Control::State)),
    });
    let note = Note::Error(Problem::Invalid(Control::PostalCode));
    wrong.postal_code = Some(TextInput {
        value: "9410".to_owned(),
        note,
    });
    let mut abroad = of(frame(theme), step(4));
    abroad
        .country
        .choices
        .push(Choice::new("PR", abroad.frame.texts.country_name("PR")));
    abroad.style = AddressStyle::General;
    let old = "1180 Harbor View, Oakland, CA 94607";
    let declined = repair("portingAddressRequiredOrInvalid", Some(old));
    vec![
        page("address", "address", &of(frame(theme), step(4))),
        page("address-error", "address", &wrong),
        page("address-countries", "address", &abroad),
        page("address-repair", "address", &of(frame(theme), declined)),
    ]
}

fn confirmations(theme: Theme) -> Vec<Sample> {
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
        confirmation: CheckInput {
            checked: false,
            note,
        },
    };
    let how = [
        "Open the My Verizon app and sign in as the account owner.",
        "Go to Account, then Profile & settings, then Security.",
        "Tap Number Lock and switch it off for this number.",
    ];
    let missing = Note::Error(Problem::Missing(Control::ProtectionDisabled));
    vec![
        page("approval", "donorProviderApproval", &approval),
        page(
            "protected",
            "portProtected",
            &locked(Some("Number Lock"), &how, Note::None),
        ),
        page(
            "protected-error",
            "portProtected",
            &locked(None, &[], missing),
        ),
    ]
}

fn review(theme: Theme) -> Vec<Sample> {
    let answer = |value| Answer {
        value,
        change_href: Some("/portal/s/csn_sample/step?change=1".to_owned()),
    };
    let of = |frame: Frame, authorization| Review {
        frame,
        shown: "digest".to_owned(),
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
        page(
            "review",
            "review",
            &of(other_frame(theme), CheckInput::default()),
        ),
        page(
            "review-error",
            "review",
            &of(
                frame(theme),
                CheckInput {
                    checked: false,
                    note: missing,
                },
            ),
        ),
        page("review-changed", "review", &changed),
        page("review-cancel", "review", &cancel),
    ]
}
