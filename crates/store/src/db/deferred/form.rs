//! What the texts of deferred statements say about them. There are few texts and many statements, so it
//! is texts that are searched, and not each statement.

use std::ptr;

use super::{Statement, is_question, message::numbers, table};

/// A text, and what it is like.
pub(super) struct Form {
    pub(super) sql: &'static str,
    /// The table that it inserts into; none of a question.
    table: Option<&'static str>,
    /// Whether it may meet the row of another.
    meets: bool,
    /// Whether it returns a note.
    pub(super) returns: bool,
    /// Where the row of its `VALUES` stands.
    pub(super) row: Option<Row>,
}

/// A text in three parts.
pub(super) struct Row {
    pub(super) before: &'static str,
    pub(super) row: &'static str,
    pub(super) after: &'static str,
    /// The parameters that what comes after the row refers to.
    shared: Vec<usize>,
}

impl Form {
    fn of(sql: &'static str) -> Self {
        Self {
            sql,
            table: table(sql),
            meets: table(sql).is_some() && sql.contains(" ON CONFLICT "),
            returns: is_question(sql) || sql.contains(" RETURNING "),
            row: Row::of(sql),
        }
    }

    /// Whether it asks and writes nothing.
    pub(super) fn is_question(&self) -> bool {
        self.table.is_none()
    }

    /// Whether it reads what the other one inserts into.
    fn reads(&self, other: &Self) -> bool {
        const FROM: &str = " FROM ";
        other.table.is_some_and(|changed| {
            let mut places = self.sql.match_indices(FROM);
            places.any(|(at, _)| self.sql[at + FROM.len()..].contains(changed))
        })
    }
}

impl Row {
    fn of(sql: &'static str) -> Option<Self> {
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
        let (before, rest) = sql.split_at(start);
        let (row, after) = rest.split_at(end + 1);
        Some(Self {
            before,
            row,
            after,
            shared: numbers(after).collect(),
        })
    }

    /// Whether two statements of this form differ in nothing but their row. To begin and end a part
    /// costs PostgreSQL more than a row does.
    pub(super) fn is_all_that_differs(&self, (_, args): &Statement, (_, next): &Statement) -> bool {
        let mut shared = self.shared.iter();
        shared.all(|number| args.get(number - 1) == next.get(number - 1))
    }
}

/// Whether two texts are one; hardly ever by comparing them.
fn is_same(one: &str, other: &str) -> bool {
    ptr::eq(one, other) || one == other
}

/// The forms of some statements.
pub(super) struct Forms {
    pub(super) all: Vec<Form>,
    /// Which of them each statement has.
    pub(super) of: Vec<usize>,
}

impl Forms {
    pub(super) fn of(statements: &[Statement]) -> Self {
        let mut forms = Self {
            all: Vec::new(),
            of: Vec::with_capacity(statements.len()),
        };
        for (sql, _) in statements {
            let known = forms.all.iter().position(|form| is_same(form.sql, sql));
            let at = known.unwrap_or_else(|| {
                forms.all.push(Form::of(sql));
                forms.all.len() - 1
            });
            forms.of.push(at);
        }
        forms
    }

    /// The first of the statements that has to see what an earlier one writes, or may meet its very row.
    pub(super) fn first_that_sees(&self, statements: &[Statement]) -> Option<usize> {
        let count = self.all.len();
        let reads: Vec<Vec<bool>> = self
            .all
            .iter()
            .map(|form| self.all.iter().map(|other| form.reads(other)).collect())
            .collect();
        let mut is_there = vec![false; count];
        (0..statements.len()).find(|&later| {
            let at = self.of[later];
            let sees = (0..count).any(|other| is_there[other] && reads[at][other]);
            is_there[at] = true;
            sees || self.meets_another(statements, later)
        })
    }

    fn meets_another(&self, statements: &[Statement], later: usize) -> bool {
        let form = &self.all[self.of[later]];
        let key = |at: usize| statements[at].1.first();
        let is_met = |at: usize| self.all[self.of[at]].table == form.table && key(at) == key(later);
        form.meets && (0..later).any(is_met)
    }
}
