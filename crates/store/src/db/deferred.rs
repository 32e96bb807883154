use std::fmt::Write;

use crate::value::Value;

/// Insertions whose result nobody reads.
#[derive(Default)]
pub(super) struct Deferred(Vec<(&'static str, Vec<Value>)>);

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

    /// Everything, one after the other.
    pub(super) fn take(&mut self) -> Vec<(&'static str, Vec<Value>)> {
        std::mem::take(&mut self.0)
    }

    /// Everything as parts of one statement, which all see the same moment. One that returns rows
    /// comes last: only its rows come back.
    pub(super) fn take_together(&mut self) -> (String, Vec<Value>) {
        let mut statements = self.take();
        statements.sort_by_key(|(sql, _)| sql.contains(" RETURNING "));
        let mut text = String::with_capacity(1_024);
        let mut all = Vec::new();
        let last = statements.len().saturating_sub(1);
        for (at, (sql, args)) in statements.into_iter().enumerate() {
            if at < last {
                let begin = if at == 0 { "WITH" } else { "" };
                let _ = write!(text, "{begin} part{at} AS (");
            }
            renumber(sql, all.len(), &mut text);
            match at + 1 {
                next if next == last => text.push_str(") "),
                next if next < last => text.push_str("),"),
                _ => {}
            }
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
    fn they_are_parts_of_the_last_one() {
        let (text, args) = two().take_together();
        assert_eq!(args, args!["one", 2_u32, 3_u32, "four"]);
        let expected = "WITH part0 AS (INSERT INTO a (x, y) VALUES ($1, $2)) \
                        INSERT INTO b SELECT $4, $3, $3";
        assert_eq!(text, expected);
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
    fn the_one_that_returns_rows_comes_last() {
        let mut deferred = Deferred::default();
        deferred.push("INSERT INTO a VALUES ($1) RETURNING id", args!["x"]);
        deferred.push("INSERT INTO b VALUES ($1)", args![1_u32]);
        let (text, args) = deferred.take_together();
        let expected = "WITH part0 AS (INSERT INTO b VALUES ($1)) \
                        INSERT INTO a VALUES ($2) RETURNING id";
        assert_eq!(text, expected);
        assert_eq!(args, args![1_u32, "x"]);
    }
}
