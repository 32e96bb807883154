use jiff::{Timestamp, civil::Date};
use portico_domain::id::{Id, Kind};
use sqlx::{Sqlite, query::Query, sqlite::SqliteArguments};

/// A parameter of a query. Nulls are typed, because one of the engines asks for it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
    Blob(Option<Vec<u8>>),
    Time(Option<Timestamp>),
}

/// The parameters of a query, in order.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::value::Value::from($value)),*] };
}
pub(crate) use args;

impl Value {
    pub(crate) fn bind(
        self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Query<'_, Sqlite, SqliteArguments> {
        match self {
            Self::Text(text) => query.bind(text),
            Self::Int(int) => query.bind(int),
            Self::Bool(bool) => query.bind(bool),
            Self::Blob(blob) => query.bind(blob),
            Self::Time(time) => query.bind(time.map(Timestamp::as_microsecond)),
        }
    }
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
    Text: Date, |value| value.to_string();
    Int: i64, |value| value;
    Int: u32, |value| i64::from(value);
    Bool: bool, |value| value;
    Blob: Vec<u8>, |value| value;
    Blob: &[u8], |value| value.to_vec();
    Time: Timestamp, |value| value;
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
