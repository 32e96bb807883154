//! Many statements as one: parts of a `WITH`, and rows of one `VALUES` where they are alike.

use std::fmt::Write;

use super::{
    Statement,
    form::{Form, Forms, Row},
};
use crate::value::Value;

/// Writes statements of those forms as parts of one, which ends in the notes of those that return one.
pub(super) fn write(statements: Vec<Statement>, forms: &Forms, text: &mut String) -> Vec<Value> {
    let parts = parts_of(statements, forms);
    let count = parts.len();
    let notes = parts.iter().position(|(form, _)| form.returns);
    let main = if notes.is_some() { count } else { count - 1 };
    let mut args = Vec::new();
    for (at, (form, rows)) in parts.into_iter().enumerate() {
        if at < main {
            let begin = if at == 0 { "WITH " } else { ", " };
            let _ = write!(text, "{begin}part{at} AS (");
        }
        write_rows(form, rows, &mut args, text);
        match at + 1 {
            next if next < main => text.push(')'),
            next if next == main => text.push_str(") "),
            _ => {}
        }
    }
    for at in notes.unwrap_or(count)..count {
        let and = if Some(at) == notes { "" } else { " UNION ALL " };
        let _ = write!(
            text,
            "{and}SELECT subject, note, at FROM part{at} WHERE at IS NOT NULL"
        );
    }
    args
}

/// A form, and statements that are rows of one part.
type Part<'f> = (&'f Form, Vec<Statement>);

/// The parts have no order of their own; in this one, the same ones make the same text.
fn parts_of(statements: Vec<Statement>, forms: &Forms) -> Vec<Part<'_>> {
    let mut alike: Vec<Part<'_>> = forms.all.iter().map(|form| (form, Vec::new())).collect();
    for (statement, form) in statements.into_iter().zip(&forms.of) {
        let (form, others) = &mut alike[*form];
        // Who asks the same has the same answer.
        if !(form.is_question() && others.contains(&statement)) {
            others.push(statement);
        }
    }
    alike.sort_by_key(|(form, _)| (form.returns, form.sql));
    let mut parts: Vec<Part<'_>> = Vec::new();
    for (form, statements) in alike {
        let mut last: Option<Vec<Statement>> = None;
        for statement in statements {
            let row = form.row.as_ref();
            let is_row = |rows: &Vec<Statement>| {
                row.is_some_and(|row| row.is_all_that_differs(&rows[0], &statement))
            };
            match &mut last {
                Some(rows) if is_row(rows) => rows.push(statement),
                _ => parts.extend(last.replace(vec![statement]).map(|rows| (form, rows))),
            }
        }
        parts.extend(last.map(|rows| (form, rows)));
    }
    parts
}

/// Writes statements that differ in their rows only, and adds the arguments that it has referred to.
/// What follows the rows refers to the first one's.
fn write_rows(form: &Form, rows: Vec<Statement>, args: &mut Vec<Value>, text: &mut String) {
    let first = args.len();
    let Some(Row {
        before, row, after, ..
    }) = &form.row
    else {
        renumber(form.sql, first, text);
        return args.extend(rows.into_iter().flat_map(|(_, values)| values));
    };
    let referred = numbers(row).max().unwrap_or(0);
    text.push_str(before);
    for (at, (_, values)) in rows.into_iter().enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        renumber(row, args.len(), text);
        let kept = if at == 0 { values.len() } else { referred };
        args.extend(values.into_iter().take(kept));
    }
    renumber(after, first, text);
}

/// The numbers of the parameters that a text refers to.
pub(super) fn numbers(text: &str) -> impl Iterator<Item = usize> {
    let digits = |part: &str| {
        let end = part.find(|c: char| !c.is_ascii_digit());
        part[..end.unwrap_or(part.len())].parse().unwrap_or(1)
    };
    text.split('$').skip(1).map(digits)
}

/// Writes `sql` with each `$n` as `$(n + offset)`.
fn renumber(sql: &str, offset: usize, text: &mut String) {
    let mut parts = sql.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for (part, number) in parts.zip(numbers(sql)) {
        let digits = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let _ = write!(text, "${}{digits}", number + offset);
    }
}
