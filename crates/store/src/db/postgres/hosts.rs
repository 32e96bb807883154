//! Finding, among several hosts, the one that takes writes.

use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use sqlx::{ConnectOptions, Connection, PgConnection, Row, postgres::PgConnectOptions};

use crate::StoreError;

/// How long a host may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// Sent on each new connection. A transaction of which nobody hears any more keeps its locks, and the server
/// may learn only hours later that its client is gone; so after 20 s it ends it: twice as long as a client
/// waits for a statement (`session::STATEMENT`), and no client is silent for longer between two. The answer
/// says whether the host takes writes. Asked plainly: to prepare what is asked once takes another turn.
const BEGIN_SESSION: &str =
    "SET idle_in_transaction_session_timeout = 20000; SHOW transaction_read_only";

/// The hosts of a URL.
#[derive(Debug, Clone)]
pub(super) struct Hosts {
    each: Arc<[PgConnectOptions]>,
    /// The one that took writes when it was last asked.
    primary: Arc<AtomicUsize>,
}

impl Hosts {
    /// Reads `postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?…`, as libpq does.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let each = one_url_for_each_host(url)
            .iter()
            .map(|url| {
                let options = PgConnectOptions::from_str(url)?.statement_cache_capacity(256);
                Ok(match options.get_application_name() {
                    Some(_) => options,
                    None => options.application_name("portico"),
                })
            })
            .collect::<Result<Arc<[_]>, sqlx::Error>>()?;
        Ok(Self {
            each,
            primary: Arc::default(),
        })
    }

    /// A connection to the host that takes writes, tried first where that was last.
    pub(super) async fn connect(&self) -> Result<PgConnection, StoreError> {
        let first = self.primary.load(Relaxed);
        let mut last_error = None;
        for step in 0..self.each.len() {
            let host = (first + step) % self.each.len();
            match tokio::time::timeout(CONNECT, connect_for_writing(&self.each[host])).await {
                Ok(Ok(connection)) => {
                    self.primary.store(host, Relaxed);
                    return Ok(connection);
                }
                Ok(Err(error)) => last_error = Some(error),
                Err(_) => last_error = Some(unreachable(std::io::ErrorKind::TimedOut)),
            }
        }
        Err(last_error.unwrap_or_else(|| unreachable(std::io::ErrorKind::NotFound)))
    }
}

fn unreachable(kind: std::io::ErrorKind) -> StoreError {
    StoreError::unavailable(sqlx::Error::Io(kind.into()))
}

async fn connect_for_writing(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    let mut connection = options.connect().await?;
    let asked = sqlx::raw_sql(BEGIN_SESSION).fetch_one(&mut connection);
    let read_only: String = asked.await?.try_get(0)?;
    if read_only == "off" {
        return Ok(connection);
    }
    // Nothing of it is needed.
    let _ = connection.close().await;
    Err(unreachable(std::io::ErrorKind::ReadOnlyFilesystem))
}

fn one_url_for_each_host(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return vec![url.to_owned()];
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (user, hosts) = match authority.rsplit_once('@') {
        Some((user, hosts)) => (format!("{user}@"), hosts),
        None => (String::new(), authority),
    };
    hosts
        .split(',')
        .map(|host| format!("{scheme}://{user}{host}{path}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_keeps_user_database_and_parameters() {
        let url = "postgres://me:p%2Cw@one,two:5433,[::1]:5434/db?sslmode=require";
        let expected = [
            "postgres://me:p%2Cw@one/db?sslmode=require",
            "postgres://me:p%2Cw@two:5433/db?sslmode=require",
            "postgres://me:p%2Cw@[::1]:5434/db?sslmode=require",
        ];
        assert_eq!(one_url_for_each_host(url), expected);
        assert_eq!(one_url_for_each_host("postgres://one"), ["postgres://one"]);
    }
}
