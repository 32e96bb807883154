//! Which number does what.

use std::time::Duration;

use portico_domain::{decline::DeclineCode, phone::PhoneNumber, porting::Field};

/// The usual time between acceptance and answer.
const USUAL: Duration = Duration::from_secs(2);

/// What the simulator does with a number.
#[derive(Debug, Clone)]
pub struct Script {
    /// Whether the number can move at all.
    pub is_portable: bool,
    /// Whether the portability check answers 503.
    pub is_down: bool,
    /// What is required beyond the recipient's table.
    pub also_required: &'static [Field],
    pub(super) submit: Submit,
    ending: Ending,
}

/// How a request is received.
#[derive(Debug, Clone, Copy)]
pub(super) enum Submit {
    AtOnce,
    /// It is taken, but the answer to the call comes this late.
    SilentFor(Duration),
    UnavailableTwice,
}

/// How the story of a number ends.
#[derive(Debug, Clone)]
enum Ending {
    CompletesAfter(Duration),
    /// The donor refuses every time.
    Refuses(Refusal),
    /// The donor refuses the first request of a porting.
    RefusesOnce(Refusal),
    DelaysFirst,
    SaysItTwice,
    ExpiresAfter(Duration),
    Fails,
}

/// One thing the simulated carrier says.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    Complete,
    Delay,
    Expire,
    Fail,
    Decline(Refusal),
}

/// A refusal in the carrier's words and in ours.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub code: DeclineCode,
    pub raw_code: &'static str,
    pub raw_text: &'static str,
}

impl Script {
    /// What is said about the `nth` request of a porting, and how long after it came.
    pub(super) fn replies(&self, nth: u32) -> Vec<(Duration, Reply)> {
        match &self.ending {
            Ending::CompletesAfter(time) => vec![(*time, Reply::Complete)],
            Ending::Refuses(refusal) => vec![(USUAL, Reply::Decline(refusal.clone()))],
            Ending::RefusesOnce(refusal) if nth == 1 => {
                vec![(USUAL, Reply::Decline(refusal.clone()))]
            }
            Ending::RefusesOnce(_) => vec![(USUAL, Reply::Complete)],
            Ending::DelaysFirst => vec![(USUAL, Reply::Delay), (2 * USUAL, Reply::Complete)],
            Ending::SaysItTwice => vec![(USUAL, Reply::Complete), (USUAL, Reply::Complete)],
            Ending::ExpiresAfter(time) => vec![(*time, Reply::Expire)],
            Ending::Fails => vec![(USUAL, Reply::Fail)],
        }
    }
}

/// What the simulator does with `number`: one of the fictional ones by its last three digits, any
/// other completes.
pub fn script_of(number: &PhoneNumber) -> Script {
    let fictional = number.is_us_test_range() && number.as_str().starts_with("+19595550")
        || number.is_gb_test_range();
    let case = if fictional {
        number.last_digits(3).parse().unwrap_or(0)
    } else {
        0
    };
    let mut script = Script {
        is_portable: case != 101,
        is_down: case == 126,
        also_required: &[],
        submit: Submit::AtOnce,
        ending: ending_of(case),
    };
    match case {
        104 => script.also_required = &[Field::DonorProviderApproval],
        125 => script.also_required = &[Field::DonorProvider],
        120 => script.submit = Submit::SilentFor(Duration::from_secs(30)),
        121 => script.submit = Submit::UnavailableTwice,
        _ => {}
    }
    script
}

fn ending_of(case: u16) -> Ending {
    use DeclineCode as Code;
    match case {
        102 => Ending::Refuses(refusal(Code::Declined)),
        103 => Ending::RefusesOnce(refusal(Code::Declined)),
        105 => Ending::RefusesOnce(refusal(Code::PortProtected)),
        107 => Ending::Refuses(refusal(Code::NotFound)),
        108 => Ending::Refuses(refusal(Code::NotActive)),
        109 => Ending::Refuses(refusal(Code::PendingOtherProvider)),
        110 => Ending::RefusesOnce(refusal(Code::AccountPin)),
        111 => Ending::RefusesOnce(refusal(Code::AccountNumber)),
        112 => Ending::RefusesOnce(refusal(Code::Address)),
        113 => Ending::RefusesOnce(refusal(Code::FirstName)),
        114 => Ending::RefusesOnce(refusal(Code::LastName)),
        115 => Ending::CompletesAfter(Duration::from_secs(5 * 60)),
        116 => Ending::Refuses(refusal(Code::NotEligible)),
        118 => Ending::RefusesOnce(refusal(Code::UserInformation)),
        122 => Ending::DelaysFirst,
        123 => Ending::SaysItTwice,
        124 => Ending::ExpiresAfter(Duration::from_secs(10)),
        127 => Ending::Fails,
        _ => Ending::CompletesAfter(USUAL),
    }
}

/// Raw codes and texts follow the two-character wireless response codes that US donors send.
fn refusal(code: DeclineCode) -> Refusal {
    use DeclineCode as Code;
    let (raw_code, raw_text) = match code {
        Code::PortProtected => ("6P", "Port-out protection is active"),
        Code::NotFound => ("6A", "MDN not found"),
        Code::NotActive => ("6D", "MDN not active"),
        Code::PendingOtherProvider => ("6M", "Port request pending"),
        Code::AccountPin => ("8C", "Password/PIN incorrect"),
        Code::AccountNumber => ("8A", "Account number incorrect"),
        Code::Address => ("8D", "Address incorrect"),
        Code::FirstName => ("8E", "First name incorrect"),
        Code::LastName => ("8F", "Last name incorrect"),
        Code::NotEligible => ("6K", "MDN not eligible"),
        Code::UserInformation => ("6C", "Customer information does not match"),
        _ => ("6G", "Other"),
    };
    Refusal {
        code,
        raw_code,
        raw_text,
    }
}
