use std::fmt::Write;

use crate::value::Value;

/// Insertions whose result nobody reads. They go to the database together, in one message: a round
/// trip, or a hop to SQLite's thread, costs more than an insertion does.
#[derive(Default)]
pub(super) struct Deferred(Vec<(&'static str, Vec<Value>)>);

/// How an engine takes several statements in one message with parameters.
#[derive(Clone, Copy)]
pub(super) enum Style {
    /// One after the other.
    Sequence,
    /// As parts of the last one, which all see the same moment.
    Parts,
}

impl Deferred {
    pub(super) fn push(&mut self, sql: &'static str, args: Vec<Value>) {
        debug_assert!(sql.starts_with("INSERT "), "only insertions are deferred");
        debug_assert_eq!(renumber(sql, 0, &mut String::new()), args.len());
        self.0.push((sql, args));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything as one message after `first`, which has no parameters. Of the statements that
    /// return rows the last is also the message's last: of parts, only that one's rows come.
    pub(super) fn take(&mut self, style: Style, first: &str) -> (String, Vec<Value>) {
        let mut statements = std::mem::take(&mut self.0);
        statements.sort_by_key(|(sql, _)| sql.contains(" RETURNING "));
        let mut text = String::with_capacity(1_024);
        text.push_str(first);
        let mut all = Vec::new();
        let last = statements.len().saturating_sub(1);
        for (at, (sql, args)) in statements.into_iter().enumerate() {
            let (before, after) = match style {
                Style::Sequence => (String::new(), ";"),
                Style::Parts if at == last => (String::new(), ""),
                Style::Parts => {
                    let begin = if at == 0 { "WITH" } else { "" };
                    let after = if at + 1 == last { ") " } else { ")," };
                    (format!("{begin} part{at} AS ("), after)
                }
            };
            text.push_str(&before);
            renumber(sql, all.len(), &mut text);
            text.push_str(after);
            all.extend(args);
        }
        (text, all)
    }
}

/// Writes `sql` with each `$n` as `$(n + offset)`; the greatest `n`.
fn renumber(sql: &str, offset: usize, text: &mut String) -> usize {
    let mut greatest = 0;
    let mut parts = sql.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(part.len());
        let number: usize = part[..end].parse().unwrap_or_default();
        greatest = greatest.max(number);
        let _ = write!(text, "${}{}", number + offset, &part[end..]);
    }
    greatest
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
    fn statements_follow_each_other_with_parameters_of_their_own() {
        let (text, args) = two().take(Style::Sequence, "SAVEPOINT s;");
        let expected = "SAVEPOINT s;INSERT INTO a (x, y) VALUES ($1, $2);\
                        INSERT INTO b SELECT $4, $3, $3;";
        assert_eq!(text, expected);
        assert_eq!(args, args!["one", 2_u32, 3_u32, "four"]);
    }

    #[test]
    fn or_are_parts_of_the_last_one() {
        let (text, _) = two().take(Style::Parts, "");
        let expected = "WITH part0 AS (INSERT INTO a (x, y) VALUES ($1, $2)) \
                        INSERT INTO b SELECT $4, $3, $3";
        assert_eq!(text, expected);
        let mut one = Deferred::default();
        one.push("INSERT INTO a VALUES ($1)", args!["x"]);
        assert_eq!(one.take(Style::Parts, "").0, "INSERT INTO a VALUES ($1)");
        let mut three = two();
        three.push("INSERT INTO c VALUES ($1)", args!["x"]);
        let expected = "WITH part0 AS (INSERT INTO a (x, y) VALUES ($1, $2)), \
                        part1 AS (INSERT INTO b SELECT $4, $3, $3) INSERT INTO c VALUES ($5)";
        assert_eq!(three.take(Style::Parts, "").0, expected);
    }

    #[test]
    fn the_one_that_returns_rows_comes_last() {
        let mut deferred = Deferred::default();
        deferred.push("INSERT INTO a VALUES ($1) RETURNING id", args!["x"]);
        deferred.push("INSERT INTO b VALUES ($1)", args![1_u32]);
        let (text, args) = deferred.take(Style::Parts, "");
        let expected = "WITH part0 AS (INSERT INTO b VALUES ($1)) \
                        INSERT INTO a VALUES ($2) RETURNING id";
        assert_eq!(text, expected);
        assert_eq!(args, args![1_u32, "x"]);
    }
}
