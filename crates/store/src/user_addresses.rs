//! Users' addresses, sealed.

use portico_domain::{
    id::{UserAddressId, UserId},
    user::UserAddress,
};

use crate::{
    Page, PageRequest, StoreError, Tx, Vault, list::ListQuery, row::Row, value::args, vault::Place,
};

const TABLE: &str = "user_addresses";

fn place(id: &str) -> Place<'_> {
    Place {
        table: TABLE,
        row: id,
        column: "address",
    }
}

/// Adds an address.
///
/// # Errors
/// The store failed.
pub async fn insert(tx: &mut Tx, project: &str, address: &UserAddress) -> Result<(), StoreError> {
    let sealed = tx
        .vault()
        .seal_json(place(address.id.as_str()), &address.address);
    let sql = "INSERT INTO user_addresses (id, project, user_id, address_sealed, created_at) \
               VALUES ($1, $2, $3, $4, $5)";
    let row = args![
        address.id,
        project,
        address.user,
        sealed,
        address.created_at
    ];
    tx.execute(sql, row).await.map(drop)
}

/// The user's address of that id.
///
/// # Errors
/// The store failed.
pub async fn find(
    tx: &mut Tx,
    user: UserId,
    id: UserAddressId,
) -> Result<Option<UserAddress>, StoreError> {
    let sql = "SELECT * FROM user_addresses WHERE id = $1 AND user_id = $2";
    let row = tx.optional(TABLE, sql, args![id, user]).await?;
    row.map(|row| user_address(tx.vault(), &row)).transpose()
}

/// The user's addresses.
///
/// # Errors
/// The store failed.
pub async fn list(
    tx: &mut Tx,
    user: UserId,
    page: &PageRequest,
) -> Result<Page<UserAddress>, StoreError> {
    let vault = tx.vault().clone();
    ListQuery::of(TABLE)
        .with("user_id", user)
        .page(tx, page, |row| user_address(&vault, row))
        .await
}

/// Removes an address.
///
/// # Errors
/// The store failed.
pub async fn delete(tx: &mut Tx, id: UserAddressId) -> Result<(), StoreError> {
    let sql = "DELETE FROM user_addresses WHERE id = $1";
    tx.execute_one("the address", sql, args![id]).await
}

fn user_address(vault: &Vault, row: &Row) -> Result<UserAddress, StoreError> {
    let id: UserAddressId = row.parse("id")?;
    Ok(UserAddress {
        address: vault.open_json(place(id.as_str()), &row.blob("address_sealed")?)?,
        id,
        user: row.parse("user_id")?,
        created_at: row.time("created_at")?,
    })
}
