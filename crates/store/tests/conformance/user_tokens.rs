use jiff::SignedDuration;
use portico_domain::{
    id::{SessionId, UserId},
    user::UserStatus,
};
use portico_store::{
    sessions,
    user_tokens::{self, UserToken},
    users,
};

use crate::harness::World;

/// A session and a token for its user, both stored.
async fn given(world: &World) -> UserToken {
    let session = world.new_session(world.now()).await;
    write!(world.db, [session], |tx| sessions::insert(tx, &session)).unwrap();
    let token = UserToken {
        id: world.id(),
        project: world.project.id.clone(),
        user: session.user.unwrap(),
        session: session.id,
        secret_hash: vec![7; 32],
        created_at: world.now(),
        expires_at: world.now() + SignedDuration::from_secs(60),
    };
    write!(world.db, [token], |tx| user_tokens::insert(tx, &token)).unwrap();
    token
}

async fn opens(world: &World, token: &UserToken) -> Option<(UserId, SessionId)> {
    let id = token.id;
    let opened = read!(world.db, |tx| user_tokens::opens(tx, id))?;
    assert_eq!(opened.secret_hash, token.secret_hash);
    assert_eq!(opened.project.id, world.project.id);
    Some((opened.user, opened.session))
}

pub async fn a_token_opens_its_session_until_its_time_is_over(world: World) {
    let token = given(&world).await;
    let expected = Some((token.user, token.session));
    assert_eq!(opens(&world, &token).await, expected);
    let erase = async || write!(world.db, [], |tx| user_tokens::erase_old(tx)).unwrap();
    world.advance_seconds(59);
    assert_eq!(opens(&world, &token).await, expected);
    assert_eq!(erase().await, 0);
    world.advance_seconds(1);
    assert_eq!(opens(&world, &token).await, None);
    assert_eq!(erase().await, 1);
}

pub async fn a_token_is_void_without_its_user(world: World) {
    let token = given(&world).await;
    let user = read!(world.db, |tx| users::get(tx, token.user)).unwrap();
    let mut blocked = user.clone();
    blocked.status = UserStatus::Blocked;
    write!(world.db, [blocked], |tx| users::update(tx, &blocked)).unwrap();
    assert_eq!(opens(&world, &token).await, None);
    write!(world.db, [user], |tx| users::update(tx, &user)).unwrap();
    assert!(opens(&world, &token).await.is_some());
    // Redacted, the user stays active.
    let id = user.id;
    write!(world.db, [id], |tx| users::erase(
        tx,
        id,
        UserStatus::Active,
        "nobody@redacted.invalid"
    ))
    .unwrap();
    assert_eq!(opens(&world, &token).await, None);
}
