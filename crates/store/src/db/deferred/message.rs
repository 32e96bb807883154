//! Many statements as one: parts of a `WITH`, and rows of one `VALUES` where they are alike.

use std::fmt::Write;

use super::{Statement, is_question};
use crate::value::Value;

/// Writes statements as parts of one, which ends in the notes of those that return one.
pub(super) fn write(mut statements: Vec<Statement>, text: &mut String) -> Vec<Value> {
    let returns = |sql: &str| sql.contains(" RETURNING ") || is_question(sql);
    forget_repeated_questions(&mut statements);
    // The parts have no order of their own; in this one, the same ones make the same text.
    statements.sort_by_key(|(sql, _)| (returns(sql), *sql));
    let parts: Vec<_> = statements.chunk_by(may_be_rows_of_one).collect();
    let count = parts.len();
    let notes = parts.iter().position(|part| returns(part[0].0));
    let main = if notes.is_some() { count } else { count - 1 };
    // How many arguments of each are referred to.
    let mut kept = Vec::with_capacity(statements.len());
    for (at, part) in parts.into_iter().enumerate() {
        if at < main {
            let begin = if at == 0 { "WITH " } else { ", " };
            let _ = write!(text, "{begin}part{at} AS (");
        }
        write_rows(part, &mut kept, text);
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
    let each = statements.into_iter().zip(kept);
    each.flat_map(|((_, args), kept)| args.into_iter().take(kept))
        .collect()
}

/// Who asks the same has the same answer.
fn forget_repeated_questions(statements: &mut Vec<Statement>) {
    let mut asked = Vec::new();
    statements.retain(|statement| {
        let is_repeated = asked.contains(statement);
        if is_question(statement.0) && !is_repeated {
            asked.push(statement.clone());
        }
        !is_repeated
    });
}

/// Whether two statements differ in nothing but the row of their `VALUES`. To begin and end a part costs
/// PostgreSQL more than a row does.
fn may_be_rows_of_one(one: &Statement, next: &Statement) -> bool {
    let ((sql, args), (next_sql, next_args)) = (one, next);
    let Some((_, _, tail)) = around_row(sql).filter(|_| sql == next_sql) else {
        return false;
    };
    numbers(tail).all(|number| args.get(number - 1) == next_args.get(number - 1))
}

/// A statement's text before the row of its `VALUES`, that row, and what follows.
fn around_row(sql: &str) -> Option<(&str, &str, &str)> {
    const VALUES: &str = "VALUES ";
    let start = sql.find(VALUES)? + VALUES.len();
    let mut depth = 0;
    let end = sql[start..].find(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    })?;
    let (row, tail) = sql[start..].split_at(end + 1);
    Some((&sql[..start], row, tail))
}

/// Writes statements that differ in their rows only, and adds how many arguments of each it has referred
/// to. What follows the rows refers to the first one's.
fn write_rows(part: &[Statement], kept: &mut Vec<usize>, text: &mut String) {
    let (sql, args) = &part[0];
    let first = kept.iter().sum();
    let Some((head, row, tail)) = around_row(sql) else {
        renumber(sql, first, text);
        return kept.push(args.len());
    };
    text.push_str(head);
    renumber(row, first, text);
    kept.push(args.len());
    for _ in &part[1..] {
        text.push_str(", ");
        renumber(row, kept.iter().sum(), text);
        kept.push(numbers(row).max().unwrap_or(0));
    }
    renumber(tail, first, text);
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
