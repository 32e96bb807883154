//! What stays the same whenever a statement runs: asking SQLite for it again each time takes longer than
//! many a statement does.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use foldhash::fast::RandomState;
use rusqlite::{Statement, StatementStatus};

use super::row::Columns;

/// The shapes of a connection's statements, by their text.
///
/// There must be no more room for them than in the connection's cache of statements. Then a shape is never of
/// a statement that was forgotten and prepared again, which would count from zero how often it was compiled.
pub(super) struct Shapes {
    known: RefCell<HashMap<Box<str>, Shape, RandomState>>,
    room: usize,
}

struct Shape {
    /// Which argument each place takes.
    places: Arc<[usize]>,
    /// What its result is called, once there was one.
    columns: Option<Named>,
}

struct Named {
    columns: Columns,
    /// How often SQLite had compiled the statement anew by then. Where a table has changed, it does.
    recompiled: i32,
}

impl Shapes {
    /// Room for so many.
    pub(super) fn with_room(room: usize) -> Self {
        Self {
            known: RefCell::default(),
            room,
        }
    }

    /// The numbers, from 1, of the arguments that a statement's places take.
    pub(super) fn places(&self, sql: &str, statement: &Statement<'_>) -> Arc<[usize]> {
        let mut shapes = self.known.borrow_mut();
        if let Some(shape) = shapes.get(sql) {
            return shape.places.clone();
        }
        if shapes.len() >= self.room {
            shapes.clear();
        }
        let shape = Shape::of(statement);
        let places = shape.places.clone();
        shapes.insert(sql.into(), shape);
        places
    }

    /// The names of the columns of a result of a statement whose places were asked for.
    pub(super) fn columns(
        &self,
        sql: &str,
        statement: &Statement<'_>,
    ) -> rusqlite::Result<Columns> {
        let recompiled = statement.get_status(StatementStatus::RePrepare);
        let is_still_so = |named: &&Named| {
            named.recompiled == recompiled && named.columns.count() == statement.column_count()
        };
        let mut shapes = self.known.borrow_mut();
        let shape = shapes.get_mut(sql);
        if let Some(named) = shape
            .as_ref()
            .and_then(|shape| shape.columns.as_ref())
            .filter(is_still_so)
        {
            return Ok(named.columns.clone());
        }
        let columns = Columns::of(statement)?;
        if let Some(shape) = shape {
            shape.columns = Some(Named {
                columns: columns.clone(),
                recompiled,
            });
        }
        Ok(columns)
    }
}

impl Shape {
    fn of(statement: &Statement<'_>) -> Self {
        // To SQLite `$2` is a name, and its place that of its first appearance.
        let number = |place| {
            let name = statement.parameter_name(place);
            name.and_then(|name| name.strip_prefix('$')?.parse().ok())
        };
        let places = 1..=statement.parameter_count();
        Self {
            // None is called `$0`, and so no argument fits it.
            places: places.map(|place| number(place).unwrap_or(0)).collect(),
            columns: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        db::sqlite::connection::{Connection, Use},
        row::Row,
        value::Value,
    };

    const SQL: &str = "SELECT * FROM people WHERE $2 = $1 AND name = $1";

    fn texts<const N: usize>(texts: [&str; N]) -> [Value; N] {
        texts.map(Value::from)
    }

    #[test]
    fn a_statement_gives_the_columns_that_its_table_has_now() {
        let folder = tempfile::tempdir().expect("a folder");
        let open =
            || Connection::open(&folder.path().join("a.db"), Use::Write).expect("a database");
        let (here, elsewhere) = (open(), open());
        let changes = [
            "CREATE TABLE people (name TEXT, place TEXT); INSERT INTO people VALUES ('Mia', 'Rome')",
            "ALTER TABLE people ADD COLUMN age INTEGER; UPDATE people SET age = 7",
            // As many columns as before, in another order.
            "DROP TABLE people; CREATE TABLE people (age INTEGER, name TEXT, place TEXT); \
             INSERT INTO people VALUES (7, 'Mia', 'Rome')",
        ];
        let look = |has_age: bool| {
            let mut rows = here.rows(SQL, &texts(["Mia", "Mia"])).expect("rows");
            let row = Row::new(rows.pop().expect("a row"), "people");
            assert_eq!(row.text("name").expect("a name"), "Mia");
            assert_eq!(row.text("place").expect("a place"), "Rome");
            assert_eq!(row.int("age").ok(), has_age.then_some(7));
        };
        for (change, has_age) in changes.into_iter().zip([false, true, true]) {
            elsewhere.batch(change).expect("a change of the schema");
            look(has_age);
            look(has_age);
        }
        // After more texts than there is room for, the statement is prepared again. That it is not the one
        // from before the change is not seen of it, where another one has met the change.
        forget_statements(&here);
        look(true);
        let change = "DROP TABLE people; CREATE TABLE people (place TEXT, age INTEGER, name TEXT); \
                      INSERT INTO people VALUES ('Rome', 7, 'Mia')";
        elsewhere.batch(change).expect("a change of the schema");
        here.rows("SELECT age FROM people", &[]).expect("a row");
        forget_statements(&here);
        look(true);
    }

    fn forget_statements(connection: &Connection) {
        for number in 0..300 {
            let sql = format!("SELECT {number} AS n");
            connection.rows(&sql, &[]).expect("a row");
        }
    }

    #[test]
    fn an_argument_that_is_missing_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let conn = Connection::open(&folder.path().join("a.db"), Use::Write).expect("a database");
        for _again in 0..2 {
            assert!(
                conn.rows("SELECT $1 AS a, $2 AS b", &texts(["one"]))
                    .is_err()
            );
        }
        for (sql, text) in [
            ("SELECT $2 AS a, $1 AS b", "two"),
            ("SELECT $1 AS a, $2 AS b", "one"),
        ] {
            let mut rows = conn.rows(sql, &texts(["one", "two"])).expect("rows");
            let row = Row::new(rows.pop().expect("a row"), "none");
            assert_eq!(row.text("a").expect("a text"), text);
        }
    }
}
