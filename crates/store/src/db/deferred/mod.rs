use std::{fmt::Write, str::FromStr};

use crate::value::Value;

/// Insertions whose result nobody waits for, and questions that are expected to have no row. PostgreSQL
/// is sent them together, in one message: a round trip costs more than an insertion does.
///
/// What one returns is a [`Note`] about what it met.
#[derive(Default)]
pub(super) struct Deferred(Vec<Insertion>);

pub(super) type Insertion = (&'static str, Vec<Value>);

/// What an insertion may tell: `RETURNING … AS subject, … AS note, … AS at`. Where the time is null there
/// is nothing to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    /// An event that is to be sent.
    Outbox,
    /// A use of a rate limit's bucket was one too many, until that time: nothing of the transaction may
    /// be kept.
    Full,
    /// What an operation in that project took for granted is not so: nothing of the transaction may be
    /// kept.
    Unmet,
}

impl FromStr for Note {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "outbox" => Ok(Self::Outbox),
            "full" => Ok(Self::Full),
            "unmet" => Ok(Self::Unmet),
            _ => Err(()),
        }
    }
}

/// How many of them one statement has at the most, as parts or rows of parts. Each combination is prepared
/// once for each connection.
const MOST_PARTS: usize = 160;

impl Deferred {
    pub(super) fn push(&mut self, sql: &'static str, args: Vec<Value>) {
        debug_assert!(
            sql.starts_with(INSERT) || sql.starts_with(SELECT),
            "only insertions and questions are deferred"
        );
        debug_assert_eq!(numbers(sql).max().unwrap_or(0), args.len());
        self.0.push((sql, args));
    }

    /// Forgets all but the first `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether any but the first `len` writes.
    pub(super) fn writes_from(&self, len: usize) -> bool {
        let mut later = self.0.iter().skip(len);
        later.any(|(sql, _)| !is_question(sql))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a question may be about what is not inserted yet: it names one of the tables. There are
    /// no views, triggers or functions by which it could read them otherwise.
    pub(super) fn concerns(&self, question: &str) -> bool {
        let tables = self.0.iter().filter_map(|(sql, _)| table(sql));
        tables.into_iter().any(|table| question.contains(table))
    }

    /// Everything, one after the other.
    pub(super) fn take(&mut self) -> Vec<Insertion> {
        std::mem::take(&mut self.0)
    }

    /// The next of them as one statement, of which they are parts, and its parameters. Those that would
    /// have to see earlier ones are left for another.
    pub(super) fn take_together(&mut self) -> (String, Vec<Value>) {
        let rest = self.0.split_off(self.together());
        let mut text = String::with_capacity(1_024);
        let args = write_parts(std::mem::replace(&mut self.0, rest), &mut text);
        (text, args)
    }

    /// How many of the first may be parts of one statement.
    fn together(&self) -> usize {
        let insertions = &self.0[..self.0.len().min(MOST_PARTS)];
        let sees = |later: usize| {
            let earlier = &insertions[..later];
            earlier.iter().any(|it| must_see(&insertions[later], it))
        };
        let cut = (1..insertions.len()).find(|later| sees(*later));
        cut.unwrap_or(insertions.len())
    }
}

const INSERT: &str = "INSERT INTO ";
const SELECT: &str = "SELECT ";

fn is_question(sql: &str) -> bool {
    sql.starts_with(SELECT)
}

/// The table that an insertion is into; none of a question.
fn table(insertion: &str) -> Option<&str> {
    insertion.strip_prefix(INSERT)?.split(' ').next()
}

/// Whether an insertion reads what the earlier one inserts into, or may meet its very row.
fn must_see(later: &Insertion, earlier: &Insertion) -> bool {
    let Some(changed) = table(earlier.0) else {
        return false;
    };
    let is_same_row = table(later.0) == Some(changed)
        && later.0.contains(" ON CONFLICT ")
        && later.1.first() == earlier.1.first();
    let reads = later.0.match_indices(" FROM ").any(|(at, from)| {
        let rest = &later.0[at + from.len()..];
        rest.contains(changed)
    });
    is_same_row || reads
}

/// Writes insertions as parts of one statement, which ends in the notes of those that return one.
fn write_parts(mut insertions: Vec<Insertion>, text: &mut String) -> Vec<Value> {
    let returns = |sql: &str| sql.contains(" RETURNING ") || is_question(sql);
    forget_repeated_questions(&mut insertions);
    // The parts have no order of their own; in this one, the same ones make the same text.
    insertions.sort_by_key(|(sql, _)| (returns(sql), *sql));
    let parts: Vec<_> = insertions.chunk_by(may_be_rows_of_one).collect();
    let count = parts.len();
    let notes = parts.iter().position(|part| returns(part[0].0));
    let main = if notes.is_some() { count } else { count - 1 };
    // How many arguments of each are referred to.
    let mut kept = Vec::with_capacity(insertions.len());
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
    let each = insertions.into_iter().zip(kept);
    each.flat_map(|((_, args), kept)| args.into_iter().take(kept))
        .collect()
}

/// Who asks the same has the same answer.
fn forget_repeated_questions(insertions: &mut Vec<Insertion>) {
    let mut asked = Vec::new();
    insertions.retain(|insertion| {
        if !is_question(insertion.0) {
            return true;
        }
        let is_new = !asked.contains(insertion);
        if is_new {
            asked.push(insertion.clone());
        }
        is_new
    });
}

/// Whether two insertions differ in nothing but the row of their `VALUES`. To begin and end a part costs
/// PostgreSQL more than a row does.
fn may_be_rows_of_one(one: &Insertion, next: &Insertion) -> bool {
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

/// Writes insertions that differ in their rows only, and adds how many arguments of each it has referred
/// to. What follows the rows refers to the first one's.
fn write_rows(part: &[Insertion], kept: &mut Vec<usize>, text: &mut String) {
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
fn numbers(text: &str) -> impl Iterator<Item = usize> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::args;

    fn two() -> Deferred {
        let mut deferred = Deferred::default();
        deferred.push("INSERT INTO a (x, y) VALUES ($1, $2)", args!["one", 2_u32]);
        deferred.push("INSERT INTO b SELECT $2, $1, $1", args![3_u32, "four"]);
        deferred
    }

    #[test]
    fn they_are_parts_of_one() {
        let (text, args) = two().take_together();
        let expected = "WITH part0 AS (INSERT INTO a (x, y) VALUES ($1, $2)) \
                        INSERT INTO b SELECT $4, $3, $3";
        assert_eq!(text, expected);
        assert_eq!(args, args!["one", 2_u32, 3_u32, "four"]);
        let mut one = Deferred::default();
        one.push("INSERT INTO a VALUES ($1)", args!["x"]);
        assert_eq!(one.take_together().0, "INSERT INTO a VALUES ($1)");
        let mut three = two();
        three.push("INSERT INTO c VALUES ($1)", args!["x"]);
        let expected = "WITH part0 AS (INSERT INTO a (x, y) VALUES ($1, $2)), \
                        part1 AS (INSERT INTO b SELECT $4, $3, $3) INSERT INTO c VALUES ($5)";
        assert_eq!(three.take_together().0, expected);
    }

    #[test]
    fn whatever_the_order_the_same_insertions_are_the_same_text_and_its_notes_come_last() {
        let noting = "INSERT INTO a VALUES ($1) RETURNING x AS subject, 'n' AS note, y AS at";
        let plain = "INSERT INTO b VALUES ($1)";
        let mut deferred = Deferred::default();
        for (sql, arg) in [(noting, "1"), (plain, "2"), (noting, "3")] {
            deferred.push(sql, args![arg]);
        }
        let (text, args) = deferred.take_together();
        let expected = "WITH part0 AS (INSERT INTO b VALUES ($1)), \
             part1 AS (INSERT INTO a VALUES ($2), ($3) RETURNING x AS subject, 'n' AS note, y AS at) \
             SELECT subject, note, at FROM part1 WHERE at IS NOT NULL";
        assert_eq!(text, expected);
        assert_eq!(args, args!["2", "1", "3"]);
    }

    #[test]
    fn they_are_rows_of_one_unless_what_follows_the_row_differs() {
        let count = "INSERT INTO a VALUES ($1, f(($2))) ON CONFLICT (x) DO UPDATE SET y = $2 \
                     RETURNING x AS subject, 'n' AS note, z AS at";
        let mut deferred = Deferred::default();
        for (x, y) in [("1", "y"), ("2", "y"), ("3", "z")] {
            deferred.push(count, args![x, y]);
        }
        let (text, args) = deferred.take_together();
        let expected = "WITH part0 AS (INSERT INTO a VALUES ($1, f(($2))), ($3, f(($4))) \
             ON CONFLICT (x) DO UPDATE SET y = $2 RETURNING x AS subject, 'n' AS note, z AS at), \
             part1 AS (INSERT INTO a VALUES ($5, f(($6))) \
             ON CONFLICT (x) DO UPDATE SET y = $6 RETURNING x AS subject, 'n' AS note, z AS at) \
             SELECT subject, note, at FROM part0 WHERE at IS NOT NULL \
             UNION ALL SELECT subject, note, at FROM part1 WHERE at IS NOT NULL";
        assert_eq!(text, expected);
        assert_eq!(args, args!["1", "y", "2", "y", "3", "z"]);
    }

    #[test]
    fn what_has_to_see_another_is_in_a_later_message() {
        let count = "INSERT INTO counts (what) VALUES ($1) ON CONFLICT (what) DO NOTHING";
        let copy = "INSERT INTO copies SELECT what FROM counts WHERE what = $1";
        let texts = |insertions: &[(&'static str, &str)]| {
            let mut deferred = Deferred::default();
            for (sql, arg) in insertions {
                deferred.push(sql, args![*arg]);
            }
            let mut messages = 0;
            while !deferred.is_empty() {
                deferred.take_together();
                messages += 1;
            }
            messages
        };
        assert_eq!(texts(&[(count, "a"), (count, "b")]), 1);
        assert_eq!(texts(&[(count, "a"), (count, "b"), (count, "a")]), 2);
        assert_eq!(texts(&[(copy, "a"), (count, "a")]), 1);
        assert_eq!(texts(&[(count, "a"), (copy, "a")]), 2);
        assert_eq!(
            texts(&[("INSERT INTO a VALUES ($1)", "x"); MOST_PARTS + 1]),
            2
        );
    }

    #[test]
    fn a_question_goes_along_and_sees_what_was_there_before() {
        let guard = "SELECT c AS subject, 'n' AS note, d AS at FROM a WHERE e = $1";
        let mut deferred = Deferred::default();
        deferred.push("INSERT INTO b VALUES ($1)", args!["1"]);
        deferred.push(guard, args!["2"]);
        assert!(!deferred.concerns("SELECT * FROM a"));
        let (text, args) = deferred.take_together();
        let expected = "WITH part0 AS (INSERT INTO b VALUES ($1)), \
             part1 AS (SELECT c AS subject, 'n' AS note, d AS at FROM a WHERE e = $2) \
             SELECT subject, note, at FROM part1 WHERE at IS NOT NULL";
        assert_eq!((text.as_str(), args), (expected, args!["1", "2"]));
        let mut deferred = Deferred::default();
        deferred.push("INSERT INTO a VALUES ($1)", args!["1"]);
        deferred.push(guard, args!["2"]);
        deferred.take_together();
        assert!(!deferred.is_empty(), "it would not see the insertion");
    }

    #[test]
    fn a_question_concerns_what_waits_for_its_tables() {
        let deferred = two();
        assert!(deferred.concerns("SELECT * FROM d JOIN b ON TRUE"));
        assert!(!deferred.concerns("SELECT * FROM d WHERE TRUE"));
    }
}
