//! Which columns a question asks for.
//!
//! PostgreSQL keeps what it prepared for a connection, and refuses it once a `*` in it has come to mean more
//! columns. So that a node of this version goes on while a later one adds some, it asks for its own by name.

use std::fmt::Write as _;

use crate::tables::TABLES;

/// `sql` with the columns of this version for each `*`; `None` when there is no such.
pub(in crate::db) fn named(sql: &str) -> Option<String> {
    if let Some(rest) = sql.strip_prefix("SELECT * FROM ") {
        let mut named = "SELECT ".to_owned();
        list(&mut named, word(rest), "")?;
        write!(named, " FROM {rest}").ok()?;
        return Some(named);
    }
    let (first, rest) = sql.split_once(".*")?;
    let mut named = first.to_owned();
    for part in rest.split(".*") {
        let alias = named.rsplit(' ').next()?.to_owned();
        named.truncate(named.len() - alias.len());
        list(&mut named, table_of(sql, &alias), &format!("{alias}."))?;
        named.push_str(part);
    }
    Some(named)
}

fn word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

/// What `alias` stands for; itself, unless the question gives it to a table.
fn table_of<'s>(sql: &'s str, alias: &'s str) -> &'s str {
    let given = format!(" AS {alias} ");
    let before = sql.split_once(&given).map(|(before, _)| before);
    before.map_or(alias, |before| before.rsplit(' ').next().unwrap_or(alias))
}

fn list(into: &mut String, table: &str, prefix: &str) -> Option<()> {
    let table = TABLES.iter().find(|it| it.name == table)?;
    for (nth, (column, _)) in table.columns.iter().enumerate() {
        let comma = if nth == 0 { "" } else { ", " };
        write!(into, "{comma}{prefix}{column}").ok()?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_star_becomes_the_columns_of_its_table() {
        let all = "SELECT * FROM secrets WHERE id = $1";
        let whole = "SELECT id, value_sealed, created_at FROM secrets WHERE id = $1";
        assert_eq!(named(all).as_deref(), Some(whole));
        let joined = "SELECT s.*, 0 AS next, vault_keys.*, COUNT(*) FROM secrets AS s \
                      JOIN vault_keys ON TRUE";
        let whole = "SELECT s.id, s.value_sealed, s.created_at, 0 AS next, vault_keys.id, \
                     vault_keys.since, COUNT(*) FROM secrets AS s JOIN vault_keys ON TRUE";
        assert_eq!(named(joined).as_deref(), Some(whole));
        assert_eq!(named("SELECT COUNT(*) FROM secrets"), None);
        assert_eq!(named("UPDATE secrets SET id = $1"), None);
    }
}
