//! Which keys a database holds values under, and its key for keyed hashes.
//!
//! Guarantee: after [`take_up`] every key that anything in the database may be sealed with is
//! configured, and the one that seals is written down before it seals anything. So a server with a
//! wrong key says so at its start, not when the first row is read, and a key that is still needed is
//! never called superfluous. A crash leaves at worst a key written down that sealed nothing.
//!
//! Keyed hashes have a key of their own, sealed in `secrets`. It comes from the first encryption key
//! the database had, and key rotation seals it anew without changing it.

use zeroize::Zeroizing;

use crate::{StoreError, Tx, Vault, value::args, vault::KeyId, vault::Place};

const MAC: &str = "mac";

const MAC_PLACE: Place<'_> = Place {
    table: "secrets",
    row: MAC,
    column: "value",
};

/// Keys the database needs and the vault does not have, as text.
///
/// # Errors
/// The store failed.
pub async fn missing(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let known: Vec<_> = tx.vault().key_ids().map(|id| id.to_string()).collect();
    let mut needed = in_use(tx).await?;
    needed.retain(|id| !known.contains(id));
    Ok(needed)
}

/// Every key that is written down, oldest first, as text.
///
/// # Errors
/// The store failed.
pub async fn in_use(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT id FROM vault_keys ORDER BY since, id";
    let rows = tx.all("vault_keys", sql, vec![]).await?;
    rows.iter().map(|row| row.text("id")).collect()
}

/// Writes the vault's current key down and takes the database's key for keyed hashes into the vault.
/// Called at the start of whatever may seal, once [`missing`] is empty.
///
/// # Errors
/// The store failed.
pub async fn take_up(tx: &mut Tx) -> Result<(), StoreError> {
    note_current(tx).await?;
    let vault = tx.vault().clone();
    let (now, fresh) = (tx.now(), vault.seal(MAC_PLACE, vault.mac_key()));
    let sql = "INSERT INTO secrets (id, value_sealed, created_at) VALUES ($1, $2, $3) \
               ON CONFLICT (id) DO NOTHING";
    tx.execute(sql, args![MAC, fresh, now]).await?;
    let sql = "SELECT id, value_sealed FROM secrets WHERE id = $1";
    let row = tx.one("secrets", sql, args![MAC]).await?;
    let opened = vault.open(MAC_PLACE, &row.blob("value_sealed")?)?;
    let key: [u8; 32] = opened
        .as_slice()
        .try_into()
        .map_err(|_| row.corrupt("value_sealed"))?;
    vault.set_mac_key(Zeroizing::new(key));
    Ok(())
}

/// Writes the vault's current key down; again and again, because `keys rotate` removes a key that it
/// finds nothing sealed with while a server may still be sealing.
///
/// # Errors
/// The store failed.
pub async fn note_current(tx: &mut Tx) -> Result<(), StoreError> {
    let (id, now) = (tx.vault().key_id().to_string(), tx.now());
    let sql = "INSERT INTO vault_keys (id, since) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
    tx.execute(sql, args![id, now]).await.map(drop)
}

/// Strikes every key off that is not among `used`.
///
/// # Errors
/// The store failed.
pub async fn keep_only(tx: &mut Tx, used: &[String]) -> Result<(), StoreError> {
    let current = tx.vault().key_id().to_string();
    for id in in_use(tx).await? {
        if id != current && !used.contains(&id) {
            tx.execute("DELETE FROM vault_keys WHERE id = $1", args![id])
                .await?;
        }
    }
    Ok(())
}

/// Whether a sealed value is under the key that seals now.
pub(crate) fn is_current(vault: &Vault, sealed: &[u8]) -> bool {
    KeyId::of(sealed) == Some(vault.key_id())
}
