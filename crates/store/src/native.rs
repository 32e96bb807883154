//! Our time types as PostgreSQL's own. Its epoch is 2000-01-01, its unit the microsecond for
//! instants and the day for dates ("Date/Time Types" and `timestamp.h` of its documentation and
//! source).

use jiff::{Timestamp, civil::Date};
use sqlx::{
    Decode, Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef, types::Oid},
};

/// 2000-01-01T00:00:00Z in microseconds since 1970.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
const EPOCH: Date = jiff::civil::date(2000, 1, 1);

/// A `TIMESTAMPTZ`.
pub(crate) struct PgTime(pub Timestamp);

/// A `DATE`.
pub(crate) struct PgDate(pub Date);

impl Type<Postgres> for PgTime {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1184))
    }
}

impl Encode<'_, Postgres> for PgTime {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<Postgres>>::encode(self.0.as_microsecond() - EPOCH_MICROS, buffer)
    }
}

impl<'r> Decode<'r, Postgres> for PgTime {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let micros = <i64 as Decode<Postgres>>::decode(value)?;
        let micros = micros.checked_add(EPOCH_MICROS).ok_or("infinity")?;
        Ok(Self(Timestamp::from_microsecond(micros)?))
    }
}

impl Type<Postgres> for PgDate {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1082))
    }
}

impl Encode<'_, Postgres> for PgDate {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let days = EPOCH.until(self.0)?.get_days();
        <i32 as Encode<Postgres>>::encode(days, buffer)
    }
}

impl<'r> Decode<'r, Postgres> for PgDate {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let days = <i32 as Decode<Postgres>>::decode(value)?;
        let days = jiff::Span::new().try_days(days)?;
        Ok(Self(EPOCH.checked_add(days)?))
    }
}
