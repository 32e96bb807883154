mod form;
mod message;

use std::str::FromStr;

use self::{
    form::Forms,
    message::{numbers, write},
};
use crate::value::Value;

/// Statements whose result nobody waits for, and questions that are expected to have no row. PostgreSQL
/// is sent them together, in one message: a round trip costs more than an insertion does.
///
/// What one returns is a [`Note`] about what it met.
#[derive(Default)]
pub(super) struct Deferred(Vec<Statement>);

/// An insertion or a question, and its parameters.
pub(super) type Statement = (&'static str, Vec<Value>);

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
/// What the text of a part takes, roughly.
const ROOM: usize = 128;

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
    pub(super) fn take(&mut self) -> Vec<Statement> {
        std::mem::take(&mut self.0)
    }

    /// The next of them as one statement, of which they are parts, and its parameters. Those that would
    /// have to see earlier ones are left for another.
    pub(super) fn take_together(&mut self) -> (String, Vec<Value>) {
        let most = self.0.len().min(MOST_PARTS);
        let forms = Forms::of(&self.0[..most]);
        let count = forms.first_that_sees(&self.0[..most]).unwrap_or(most);
        let rest = self.0.split_off(count);
        let parts = std::mem::replace(&mut self.0, rest);
        let mut text = String::with_capacity(ROOM * count);
        let args = write(parts, &forms, &mut text);
        (text, args)
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
