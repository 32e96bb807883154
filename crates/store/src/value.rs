use jiff::{Timestamp, civil::Date};
use portico_domain::id::{Id, Kind};
use serde::Serialize;
use sqlx::{Postgres, postgres::PgArguments, query::Query, types::Json};

use crate::native::{PgDate, PgTime};

/// A parameter of a query. Nulls are typed, because one of the engines asks for it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
    Blob(Option<Vec<u8>>),
    Time(Option<Timestamp>),
    Date(Option<Date>),
    Json(serde_json::Value),
}

/// The parameters of a query, in order.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::value::Value::from($value)),*] };
}
pub(crate) use args;

impl Value {
    /// A document, for a column of that type.
    pub(crate) fn json(document: &impl Serialize) -> Self {
        Self::Json(serde_json::to_value(document).expect("documents have text keys only"))
    }
}

/// Binds parameters as PostgreSQL's own types.
pub(crate) fn bind_postgres(
    query: Query<'_, Postgres, PgArguments>,
    args: Vec<Value>,
) -> Query<'_, Postgres, PgArguments> {
    args.into_iter().fold(query, |query, value| match value {
        Value::Text(text) => query.bind(text),
        Value::Int(int) => query.bind(int),
        Value::Bool(bool) => query.bind(bool),
        Value::Blob(blob) => query.bind(blob),
        Value::Time(time) => query.bind(time.map(PgTime)),
        Value::Date(date) => query.bind(date.map(PgDate)),
        Value::Json(document) => query.bind(Json(document)),
    })
}

macro_rules! from {
    ($($kind:ident: $type:ty, |$value:ident| $make:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                Self::$kind(Some($make))
            }
        }
        impl From<Option<$type>> for Value {
            fn from(option: Option<$type>) -> Self {
                Self::$kind(option.map(|$value| $make))
            }
        }
    )*};
}

from! {
    Text: &str, |value| value.to_owned();
    Text: String, |value| value;
    Int: i64, |value| value;
    Int: u32, |value| i64::from(value);
    Bool: bool, |value| value;
    Blob: Vec<u8>, |value| value;
    Blob: &[u8], |value| value.to_vec();
    Time: Timestamp, |value| value;
    Date: Date, |value| value;
}

impl<K: Kind> From<Id<K>> for Value {
    fn from(id: Id<K>) -> Self {
        Self::Text(Some(id.as_str().to_owned()))
    }
}

impl<K: Kind> From<Option<Id<K>>> for Value {
    fn from(id: Option<Id<K>>) -> Self {
        Self::Text(id.map(|id| id.as_str().to_owned()))
    }
}
