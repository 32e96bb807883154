use portico_domain::{id::SessionId, porting::Step};

use crate::view::Notice;

/// The addresses of one session. None holds a secret.
#[derive(Debug, Clone, Copy)]
pub struct Paths(pub SessionId);

impl Paths {
    /// Wherever the porting stands.
    pub fn home(self) -> String {
        format!("/portal/s/{}", self.0)
    }

    /// A page by its name.
    pub fn page(self, name: &str) -> String {
        format!("/portal/s/{}/{name}", self.0)
    }

    /// A step.
    pub fn step(self, step: Step) -> String {
        self.page(step.as_str())
    }

    /// A step with one stored secret opened for typing it anew.
    pub fn change(self, step: Step, field: &str) -> String {
        format!("{}?change={field}", self.step(step))
    }

    /// The way back from a result page.
    pub fn go_back(self, page: &str) -> String {
        self.page(&format!("return/{page}"))
    }
}

/// The address with a sentence at the top of the page it leads to.
pub fn with_notice(path: &str, notice: Option<Notice>) -> String {
    match notice.map(name_of) {
        Some(name) => format!("{path}?notice={name}"),
        None => path.to_owned(),
    }
}

/// The sentence an address asks for; an unknown name asks for none.
pub fn notice_of(query: &str) -> Option<Notice> {
    let name = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("notice="))?;
    NOTICES.into_iter().find(|notice| name_of(*notice) == name)
}

const NOTICES: [Notice; 4] = [
    Notice::ChangedElsewhere,
    Notice::AlreadySubmitted,
    Notice::MovedOn,
    Notice::SendAgain,
];

fn name_of(notice: Notice) -> &'static str {
    match notice {
        Notice::ChangedElsewhere => "changed",
        Notice::AlreadySubmitted => "submitted",
        Notice::MovedOn => "moved",
        Notice::SendAgain => "again",
    }
}
