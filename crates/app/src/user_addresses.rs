//! Users' addresses.

use portico_domain::{
    address::Address,
    event::Actor,
    id::UserAddressId,
    user::{User, UserAddress},
};
use portico_store::{PageRequest, Tx, user_addresses};

use crate::{AppError, BusinessCode};

/// How many addresses a user may have.
const MAX: usize = 10;

/// Adds an address to a user.
///
/// # Errors
/// The user has it already, or has ten.
pub async fn create(tx: &mut Tx, user: &User, address: Address) -> Result<UserAddress, AppError> {
    let everything = PageRequest {
        limit: 200,
        ..PageRequest::default()
    };
    let existing = user_addresses::list(tx, user.id, &everything).await?.items;
    if existing.iter().any(|row| row.address == address) {
        let message = "The user has this address already.";
        return Err(AppError::business(
            BusinessCode::UserAddressAlreadyExists,
            message,
        ));
    }
    if existing.len() >= MAX {
        let message = "A user can have at most 10 addresses; delete one first.";
        return Err(AppError::business(
            BusinessCode::UserAddressInvalid,
            message,
        ));
    }
    let row = UserAddress {
        id: tx.ambient().id(),
        user: user.id,
        address,
        created_at: tx.now(),
    };
    user_addresses::insert(tx, &user.project, &row).await?;
    Ok(row)
}

/// The user's address of that id.
///
/// # Errors
/// There is none.
pub async fn get(tx: &mut Tx, user: &User, id: UserAddressId) -> Result<UserAddress, AppError> {
    let found = user_addresses::find(tx, user.id, id).await?;
    found.ok_or(AppError::NotFound("address"))
}

/// Removes an address, from the user's subscriptions too.
///
/// # Errors
/// There is none.
pub async fn delete(
    tx: &mut Tx,
    actor: &Actor,
    user: &User,
    id: UserAddressId,
) -> Result<UserAddress, AppError> {
    let row = get(tx, user, id).await?;
    crate::subscriptions::forget_address(tx, actor, user, id).await?;
    user_addresses::delete(tx, id).await?;
    Ok(row)
}
