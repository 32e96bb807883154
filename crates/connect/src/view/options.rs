//! The options of a group of radio buttons.

use std::{
    convert::Infallible,
    fmt,
    sync::{Arc, LazyLock},
};

use askama::Template;
use quick_cache::sync::Cache;

use crate::view::compressed::Packed;
use crate::view::form::{Choice, SelectInput};

/// More than twice the carriers of all countries: what stands before and after each when it is selected.
const RUNS: usize = 512;

static PACKED: LazyLock<Cache<String, Arc<Packed>>> = LazyLock::new(|| Cache::new(RUNS));

/// One option.
#[derive(Template)]
#[template(path = "part/option.html")]
struct Opt<'c> {
    id: String,
    name: &'static str,
    choice: &'c Choice,
    is_selected: bool,
    is_last: bool,
}

/// Options that stand one after the other, as HTML.
pub(crate) enum Options {
    /// Written for this page.
    Own(String),
    /// What everybody is offered.
    Common(Arc<Packed>),
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(html) => f.write_str(html),
            Self::Common(packed) => packed.fmt(f),
        }
    }
}

impl Options {
    /// All of a group that is short.
    pub(super) fn short(name: &'static str, input: &SelectInput) -> Vec<Self> {
        let choices = input.choices.iter().enumerate();
        let own = choices.map(|(position, choice)| option(name, position, choice, input));
        vec![Self::Own(own.collect())]
    }

    /// All of a long group that is the same for everybody, but for the selected one, which stands by
    /// itself: what is compressed holds nothing of a visitor. How long it is does tell, roughly, where
    /// it was parted.
    pub(super) fn long(name: &'static str, input: &SelectInput) -> Vec<Self> {
        let mut parts = Vec::with_capacity(3);
        let mut run = String::new();
        for (position, choice) in input.choices.iter().enumerate() {
            let html = option(name, position, choice, input);
            if is_selected(choice, input) {
                parts.extend(common(std::mem::take(&mut run)));
                parts.push(Self::Own(html));
            } else {
                run.push_str(&html);
            }
        }
        parts.extend(common(run));
        parts
    }

    /// The one that stays when a search in a long group finds nothing.
    pub(super) fn last(name: &'static str, choice: &Choice, input: &SelectInput) -> Self {
        let option = Opt {
            id: id(name, input.choices.len()),
            name,
            choice,
            is_selected: is_selected(choice, input),
            is_last: true,
        };
        Self::Own(option.to_string())
    }
}

fn common(html: String) -> Option<Options> {
    if html.is_empty() {
        return None;
    }
    let Ok(packed) = PACKED.get_or_insert_with(html.as_str(), || {
        Ok::<_, Infallible>(Arc::new(Packed::new(html.clone())))
    });
    Some(Options::Common(packed))
}

fn option(name: &'static str, position: usize, choice: &Choice, input: &SelectInput) -> String {
    let option = Opt {
        id: id(name, position),
        name,
        choice,
        is_selected: is_selected(choice, input),
        is_last: false,
    };
    option.to_string()
}

fn is_selected(choice: &Choice, input: &SelectInput) -> bool {
    input.selected.as_deref() == Some(choice.value.as_str())
}

/// The first option has the plain id, so that the summary's link lands on it.
fn id(name: &'static str, position: usize) -> String {
    if position == 0 {
        name.to_owned()
    } else {
        format!("{name}-{position}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_group_is_written_like_a_short_one_and_has_nothing_of_a_visitor_in_common() {
        let values = ["svp_a", "svp_b", "svp_c"];
        let choices = values.map(|value| Choice::new(value, "Tom & \"Jerry\""));
        for selected in [None, Some("svp_other")]
            .into_iter()
            .chain(values.map(Some))
        {
            let input = SelectInput {
                choices: choices.to_vec(),
                selected: selected.map(str::to_owned),
                ..SelectInput::default()
            };
            let html = |parts: &[Options]| parts.iter().map(Options::to_string).collect::<String>();
            let long = Options::long("donorProvider", &input);
            let short = html(&Options::short("donorProvider", &input));
            assert_eq!(html(&long), short);
            let is_listed = selected.is_some_and(|it| values.contains(&it));
            assert_eq!(short.matches(" checked").count(), usize::from(is_listed));
            let common = long.iter().filter(|it| matches!(it, Options::Common(_)));
            assert!(common.clone().count() >= 1);
            assert!(
                common
                    .into_iter()
                    .all(|it| !it.to_string().contains(" checked"))
            );
        }
    }
}
