//! The options of a group of radio buttons.

use std::{
    convert::Infallible,
    sync::{Arc, LazyLock},
};

use askama::Template;
use quick_cache::sync::Cache;

use crate::view::compressed::Packed;
use crate::view::form::{Choice, SelectInput};
use crate::view::written::Part;

/// More than twice the carriers of all countries: what stands before and after each when it is selected.
const RUNS: usize = 512;

static PACKED: LazyLock<Cache<String, Arc<Packed>>> = LazyLock::new(|| Cache::new(RUNS));

/// One option.
#[derive(Template)]
#[template(path = "part/option.html")]
struct RadioOption<'c> {
    id: String,
    name: &'static str,
    choice: &'c Choice,
    is_selected: bool,
    /// It stands behind the listed ones.
    is_last: bool,
}

/// All options of a group that is short.
pub(super) fn short(name: &'static str, input: &SelectInput) -> Vec<Part> {
    let choices = input.choices.iter().enumerate();
    let all = choices.map(|(position, choice)| option(name, position, choice, input));
    vec![Part::Own(all.collect())]
}

/// All options of a long group that is the same for everybody, but for the selected one, which stands
/// by itself: what is compressed holds nothing of a visitor. How long it is does tell, roughly, where it
/// was parted.
pub(super) fn long(name: &'static str, input: &SelectInput) -> Vec<Part> {
    let mut parts = Vec::with_capacity(3);
    let mut run = String::new();
    for (position, choice) in input.choices.iter().enumerate() {
        let html = option(name, position, choice, input);
        if is_selected(choice, input) {
            parts.extend(common(std::mem::take(&mut run)));
            parts.push(Part::Own(html));
        } else {
            run.push_str(&html);
        }
    }
    parts.extend(common(run));
    parts
}

/// The option that stays when a search in a long group finds nothing.
pub(super) fn last(name: &'static str, choice: &Choice, input: &SelectInput) -> String {
    option(name, input.choices.len(), choice, input)
}

fn common(html: String) -> Option<Part> {
    if html.is_empty() {
        return None;
    }
    let Ok(packed) = PACKED.get_or_insert_with(html.as_str(), || {
        Ok::<_, Infallible>(Arc::new(Packed::new(html.clone())))
    });
    Some(Part::Common(packed))
}

fn option(name: &'static str, position: usize, choice: &Choice, input: &SelectInput) -> String {
    let option = RadioOption {
        id: id(name, position),
        name,
        choice,
        is_selected: is_selected(choice, input),
        is_last: position == input.choices.len(),
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
            let html = |parts: &[Part]| parts.iter().map(Part::text).collect::<String>();
            let parts = long("donorProvider", &input);
            let whole = html(&short("donorProvider", &input));
            assert_eq!(html(&parts), whole);
            let is_listed = selected.is_some_and(|it| values.contains(&it));
            assert_eq!(whole.matches(" checked").count(), usize::from(is_listed));
            let common = parts.iter().filter(|it| matches!(it, Part::Common(_)));
            assert!(common.clone().count() >= 1);
            assert!(common.into_iter().all(|it| !it.text().contains(" checked")));
        }
    }
}
