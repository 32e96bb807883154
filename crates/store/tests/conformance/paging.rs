use portico_domain::{id::UserId, user::UserStatus};
use portico_store::{Page, PageRequest, users};

use crate::harness::World;

async fn people(world: &World, count: usize) -> Vec<UserId> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(world.user().await.id);
    }
    ids.reverse();
    ids
}

async fn page(world: &World, request: PageRequest) -> (Vec<UserId>, Page<UserId>) {
    let page = read!(world.db, |tx| users::list(tx, "acme", None, &request));
    let page = page.map(|user| user.id);
    (page.items.clone(), page)
}

fn after(anchor: Option<String>, limit: u32) -> PageRequest {
    PageRequest {
        after: anchor,
        before: None,
        limit,
    }
}

fn before(anchor: Option<String>, limit: u32) -> PageRequest {
    PageRequest {
        after: None,
        before: anchor,
        limit,
    }
}

pub async fn pages_lead_forwards_and_backwards_to_every_item(world: World) {
    let newest_first = people(&world, 7).await;
    for limit in 1..=8 {
        let mut seen = Vec::new();
        let mut next = None;
        let last_page = loop {
            let (ids, found) = page(&world, after(next, limit)).await;
            assert!(ids.len() <= limit as usize);
            seen.extend(ids);
            next = found.more_after.clone();
            if next.is_none() {
                break found;
            }
        };
        assert_eq!(seen, newest_first, "forwards, {limit} at a time");

        let mut seen = last_page.items;
        let mut next = last_page.more_before;
        while next.is_some() {
            let (ids, found) = page(&world, before(next, limit)).await;
            assert!(found.more_after.is_some(), "the page it came from is there");
            seen = ids.into_iter().chain(seen).collect();
            next = found.more_before;
        }
        assert_eq!(seen, newest_first, "backwards, {limit} at a time");
    }
}

pub async fn the_ends_say_so(world: World) {
    let (nothing, empty) = page(&world, after(None, 5)).await;
    assert!(nothing.is_empty() && empty.more_after.is_none() && empty.more_before.is_none());
    let ids = people(&world, 3).await;
    let text = |n: usize| Some(ids[n].to_string());
    let (found, only) = page(&world, after(None, 3)).await;
    assert_eq!(found, ids);
    assert_eq!((only.more_after, only.more_before), (None, None));
    let (found, first) = page(&world, after(None, 2)).await;
    assert_eq!(found, ids[..2]);
    assert_eq!((first.more_after, first.more_before), (text(1), None));
    let (found, last) = page(&world, after(text(1), 2)).await;
    assert_eq!(found, ids[2..]);
    assert_eq!((last.more_after, last.more_before), (None, text(2)));
    let (found, newer) = page(&world, before(text(2), 1)).await;
    assert_eq!(found, ids[1..2]);
    assert_eq!((newer.more_after, newer.more_before), (text(1), text(1)));
    let (found, newest) = page(&world, before(text(1), 5)).await;
    assert_eq!(found, ids[..1]);
    assert_eq!((newest.more_after, newest.more_before), (text(0), None));
    let (found, _) = page(&world, before(text(0), 5)).await;
    assert!(found.is_empty());
}

/// An item can leave a list between two pages: its status changed, or it was deleted.
pub async fn an_anchor_outside_the_list_promises_nothing(world: World) {
    let ids = people(&world, 3).await;
    let (oldest, newest) = (ids[2], ids[0]);
    for gone in [oldest, newest] {
        write!(world.db, [gone], |tx| users::erase(
            tx,
            gone,
            portico_domain::user::UserStatus::Deleted,
            ""
        ))
        .unwrap();
    }
    let erased = read!(world.db, |tx| users::find(tx, "acme", oldest)).unwrap();
    assert_eq!(erased.status, UserStatus::Deleted);
    let (found, towards_newer) = page(&world, before(Some(oldest.to_string()), 5)).await;
    assert_eq!(found, ids[1..2]);
    assert_eq!(towards_newer.more_after, None, "nothing older is left");
    let (found, towards_older) = page(&world, after(Some(newest.to_string()), 5)).await;
    assert_eq!(found, ids[1..2]);
    assert_eq!(towards_older.more_before, None, "nothing newer is left");
}

pub async fn a_limit_of_none_gives_an_empty_page(world: World) {
    people(&world, 2).await;
    let (found, _) = page(&world, after(None, 0)).await;
    assert!(found.is_empty());
}
