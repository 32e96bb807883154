//! The key's project and its settings.

use serde_json::json;

use crate::support::world;

/// The smallest PNG: one transparent pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[tokio::test]
async fn a_key_lists_and_reads_its_own_project() {
    let world = world().await;
    let list = world.get("/projects").await.expect(200);
    assert_eq!(list.ids(), ["acme"]);
    let project = world.get("/projects/acme").await.expect(200);
    assert_eq!(project.body, list.body["items"][0]);
    assert_eq!(project.body["type"], "test");
    assert!(
        world
            .get("/projects?limit=0")
            .await
            .expect(200)
            .ids()
            .is_empty()
    );
    assert!(
        world
            .get("/projects?after=acme")
            .await
            .expect(200)
            .ids()
            .is_empty()
    );
}

#[tokio::test]
async fn settings_are_changed_one_by_one() {
    let world = world().await;
    let change = json!({
        "name": "Acme Mobile", "accentColor": "#1D4ED8", "supportEmail": "help@example.com",
        "supportPhone": "+1 800 555 0100", "supportUrl": "https://example.com/help",
        "selfServiceRepair": true, "repairableCodes": ["portingAccountPinRequiredOrInvalid"],
        "callbackOrigins": ["https://example.com", "myapp://"], "embedOrigins": [],
        "linkLifetimeSeconds": 600, "locales": ["de", "en"], "retentionDays": 30, "logo": PIXEL
    });
    let project = world.patch("/projects/acme", change).await.expect(200).body;
    assert_eq!(project["name"], "Acme Mobile");
    assert_eq!(project["locales"], json!(["de", "en"]));
    assert_eq!(project["settings"]["accentColor"], "#1d4ed8");
    assert_eq!(project["settings"]["logoExists"], true);
    assert_eq!(project["settings"]["linkLifetimeSeconds"], 600);

    let change = json!({ "logo": null, "supportEmail": null });
    let after = world.patch("/projects/acme", change).await.expect(200).body;
    assert_eq!(after["settings"]["logoExists"], false);
    assert_eq!(after["settings"]["supportEmail"], json!(null));
    assert_eq!(after["settings"]["supportPhone"], "+1 800 555 0100");
}

#[tokio::test]
async fn settings_are_checked_and_then_all_or_none_is_kept() {
    let world = world().await;
    let change = json!({
        "name": null, "accentColor": "#ffffff", "supportUrl": "http://example.com",
        "linkLifetimeSeconds": 59, "retentionDays": "90", "logo": "PHN2Zz48L3N2Zz4=", "colour": 1
    });
    let reply = world.patch("/projects/acme", change).await;
    reply.expect_properties(&["name", "linkLifetimeSeconds", "retentionDays", "colour"]);
    let change = json!({ "name": "New", "accentColor": "#ffffff", "logo": "PHN2Zz48L3N2Zz4=",
                         "supportUrl": "http://example.com" });
    let reply = world.patch("/projects/acme", change).await;
    reply.expect_properties(&["accentColor", "logo", "supportUrl"]);
    world
        .patch("/projects/acme", json!({ "logo": "not base64!" }))
        .await
        .expect_properties(&["logo"]);
    assert_eq!(
        world.get("/projects/acme").await.expect(200).body["name"],
        "acme"
    );
}
