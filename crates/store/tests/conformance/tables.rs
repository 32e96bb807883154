//! The list of tables against the schema itself.

use portico_store::tables::{Kind, TABLES};

use crate::harness::World;

pub async fn the_list_is_the_schema(world: World) {
    let world = &world;
    let mut listed: Vec<String> = TABLES
        .iter()
        .flat_map(|table| {
            let columns = table.columns.iter();
            columns.map(move |(name, kind)| {
                let part = table.key.iter().position(|key| key == name);
                world.describe(table.name, name, *kind, part)
            })
        })
        .collect();
    let mut found = world.schema().await;
    listed.sort();
    found.sort();
    assert_eq!(listed, found);
}

pub async fn every_sealed_column_is_bytes(_: World) {
    for table in TABLES {
        for column in table.sealed() {
            assert_eq!(table.kind(column), Kind::Blob, "{}.{column}", table.name);
        }
    }
}
