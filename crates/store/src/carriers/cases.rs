//! The queue of requests that a person hands in at a carrier's portal.
//!
//! Guarantee: a case is one person's at a time. A change repeats who held it and how far it was in its
//! `WHERE`, so of two who take a case at the same moment one does.

use jiff::Timestamp;
use portico_domain::carrier::{Case, CaseState, Holder};

use crate::{StoreError, Tx, row::Row, value::args};

const TABLE: &str = "carrier_cases";

/// A case in the queue, with what names it to a person.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The case.
    pub case: Case,
    /// The number that moves, E.164.
    pub phone_number: String,
}

/// Puts a case into the queue; `false` when it is there already.
///
/// # Errors
/// The store failed.
pub async fn insert(tx: &mut Tx, case: &Case) -> Result<bool, StoreError> {
    let sql = "INSERT INTO carrier_cases (reference, project, porting_id, provider, state, \
               since, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (reference) DO NOTHING";
    let row = args![
        case.reference.as_str(),
        case.project.as_str(),
        case.porting,
        case.provider.as_str(),
        case.state.as_str(),
        case.since,
        case.created_at,
    ];
    Ok(tx.execute(sql, row).await? == 1)
}

/// The case of that attempt.
///
/// # Errors
/// The store failed.
pub async fn find(tx: &mut Tx, reference: &str) -> Result<Option<Case>, StoreError> {
    let sql = "SELECT * FROM carrier_cases WHERE reference = $1";
    let row = tx.optional(TABLE, sql, args![reference]).await?;
    row.as_ref().map(case).transpose()
}

/// Writes `after` over `before`.
///
/// # Errors
/// [`StoreError::Stale`] when it is not as `before` any more.
pub async fn update(tx: &mut Tx, before: &Case, after: &Case) -> Result<(), StoreError> {
    let sql = "UPDATE carrier_cases SET state = $4, operator = $5, taken_at = $6, since = $7 \
               WHERE reference = $1 AND state = $2 AND COALESCE(operator, '') = $3";
    let row = args![
        before.reference.as_str(),
        before.state.as_str(),
        operator(before).unwrap_or_default(),
        after.state.as_str(),
        operator(after),
        after.holder.as_ref().map(|holder| holder.since),
        after.since,
    ];
    tx.execute_one("the case", sql, row).await
}

fn operator(case: &Case) -> Option<&str> {
    case.holder.as_ref().map(|holder| holder.operator.as_str())
}

/// Every case that is not closed, oldest first; of one recipient, or of all.
///
/// # Errors
/// The store failed.
pub async fn open(tx: &mut Tx, provider: Option<&str>) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT carrier_cases.*, portings.phone_number FROM carrier_cases \
               JOIN portings ON portings.id = carrier_cases.porting_id \
               WHERE carrier_cases.state <> 'closed' \
               AND carrier_cases.provider = COALESCE($1, carrier_cases.provider) \
               ORDER BY carrier_cases.created_at, carrier_cases.reference";
    let rows = tx.all(TABLE, sql, args![provider]).await?;
    let entry = |row: &Row| {
        Ok(Entry {
            case: case(row)?,
            phone_number: row.text("phone_number")?,
        })
    };
    rows.iter().map(entry).collect()
}

/// What waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The recipient.
    pub provider: String,
    /// What is to be done: hand in, watch, or call off.
    pub state: CaseState,
    /// How many cases.
    pub cases: u32,
    /// How many of them nobody has taken.
    pub untaken: u32,
    /// Since when the oldest of all is in that state.
    pub oldest: Timestamp,
}

/// How many cases wait, by recipient and state. Costs what is open, not what ever was.
///
/// # Errors
/// The store failed.
pub async fn waiting(tx: &mut Tx) -> Result<Vec<Waiting>, StoreError> {
    let sql = "SELECT provider, state, COUNT(*) AS cases, \
               SUM(CASE WHEN operator IS NULL THEN 1 ELSE 0 END) AS untaken, \
               MIN(since) AS oldest \
               FROM carrier_cases WHERE state <> 'closed' \
               GROUP BY provider, state ORDER BY provider, state";
    let rows = tx.all(TABLE, sql, vec![]).await?;
    let waiting = |row: &Row| {
        Ok(Waiting {
            provider: row.text("provider")?,
            state: state(row)?,
            cases: row.count("cases")?,
            untaken: row.count("untaken")?,
            oldest: row.time("oldest")?,
        })
    };
    rows.iter().map(waiting).collect()
}

fn case(row: &Row) -> Result<Case, StoreError> {
    let holder = match row.parse_or_null("operator")? {
        Some(operator) => Some(Holder {
            operator,
            since: row.time("taken_at")?,
        }),
        None => None,
    };
    Ok(Case {
        reference: row.text("reference")?,
        project: row.text("project")?,
        porting: row.parse("porting_id")?,
        provider: row.text("provider")?,
        state: state(row)?,
        since: row.time("since")?,
        holder,
        created_at: row.time("created_at")?,
    })
}

fn state(row: &Row) -> Result<CaseState, StoreError> {
    CaseState::parse(&row.text("state")?).ok_or(row.corrupt("state"))
}
