//! Every table and column of the schema, for work that goes through all of them: moving a database
//! to another engine, rotating keys, counting rows.
//!
//! A test compares this list with the real schema, so a new table or column cannot be forgotten. The
//! order is one in which rows can be copied: what is referred to comes first.

use Kind::{Blob, Bool, Date, Int, Json, Text, Time};

/// What a column holds, on every engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, in byte order.
    Text,
    /// A whole number of 64 bits.
    Int,
    /// True or false.
    Bool,
    /// Bytes.
    Blob,
    /// An instant, to the microsecond.
    Time,
    /// A calendar day.
    Date,
    /// A JSON document.
    Json,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns of its primary key; text or bytes, never null.
    pub key: &'static [&'static str],
    /// All of its columns.
    pub columns: &'static [(&'static str, Kind)],
}

impl Table {
    /// What a column holds.
    ///
    /// # Panics
    /// The table has no such column.
    pub fn kind(&self, column: &str) -> Kind {
        let found = self.columns.iter().find(|(name, _)| *name == column);
        found.expect("the column stands in the list").1
    }

    /// The columns that hold sealed values.
    pub fn sealed(&self) -> impl Iterator<Item = &'static str> {
        let columns = self.columns.iter().map(|(name, _)| *name);
        columns.filter(|name| name.ends_with("_sealed"))
    }
}

/// Every table but the one that counts migrations.
pub const TABLES: &[Table] = &[
    Table {
        name: "vault_keys",
        key: &["id"],
        columns: &[("id", Text), ("since", Time)],
    },
    Table {
        name: "secrets",
        key: &["id"],
        columns: &[("id", Text), ("value_sealed", Blob), ("created_at", Time)],
    },
    Table {
        name: "projects",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("type", Text),
            ("settings", Json),
            ("logo", Blob),
            ("logo_type", Text),
            ("created_at", Time),
        ],
    },
    Table {
        name: "api_keys",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("project", Text),
            ("secret_hash", Blob),
            ("created_at", Time),
            ("revoked_at", Time),
        ],
    },
    Table {
        name: "users",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("project", Text),
            ("email", Text),
            ("email_verified", Bool),
            ("personal_sealed", Blob),
            ("preferred_locale", Text),
            ("status", Text),
            ("metadata", Json),
            ("created_at", Time),
        ],
    },
    Table {
        name: "user_addresses",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("project", Text),
            ("user_id", Text),
            ("address_sealed", Blob),
            ("created_at", Time),
        ],
    },
    Table {
        name: "plans",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("project", Text),
            ("provider", Text),
            ("status", Text),
            ("document", Json),
            ("created_at", Time),
        ],
    },
    Table {
        name: "subscriptions",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("project", Text),
            ("plan_id", Text),
            ("user_id", Text),
            ("porting_id", Text),
            ("phone_number", Text),
            ("status", Text),
            ("user_address_id", Text),
            ("metadata", Json),
            ("created_at", Time),
            ("activated_at", Time),
            ("canceled_at", Time),
            ("ended_at", Time),
        ],
    },
    Table {
        name: "portings",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("project", Text),
            ("user_id", Text),
            ("subscription_id", Text),
            ("phone_number", Text),
            ("provider", Text),
            ("behavior", Text),
            ("status", Text),
            ("exclusive_number", Text),
            ("required", Json),
            ("attempt", Int),
            ("details_sealed", Blob),
            ("account_pin_sealed", Blob),
            ("billing_pin_sealed", Blob),
            ("account_type", Text),
            ("donor_provider", Text),
            ("donor_provider_approval", Bool),
            ("scheduled_on", Date),
            ("declined_attempts", Int),
            ("declined_code", Text),
            ("declined_message", Text),
            ("rejected_sealed", Blob),
            ("protection_disabled_at", Time),
            ("delayed_at", Time),
            ("last_declined_at", Time),
            ("last_requested_at", Time),
            ("ended_at", Time),
            ("created_at", Time),
        ],
    },
    Table {
        name: "attempts",
        key: &["reference"],
        columns: &[
            ("reference", Text),
            ("porting_id", Text),
            ("number", Int),
            ("state", Text),
            ("calls", Int),
            ("created_at", Time),
            ("accepted_at", Time),
            ("answered_at", Time),
        ],
    },
    Table {
        name: "carrier_answers",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("reference", Text),
            ("porting_id", Text),
            ("outcome", Text),
            ("mapped_code", Text),
            ("raw_code", Text),
            ("raw_text_sealed", Blob),
            ("applied", Bool),
            ("received_at", Time),
        ],
    },
    Table {
        name: "connect_sessions",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("project", Text),
            ("user_id", Text),
            ("subscription_id", Text),
            ("intent", Text),
            ("hide_intro_page", Bool),
            ("hide_outro_page", Bool),
            ("callback_url", Text),
            ("theme", Text),
            ("token_hash", Blob),
            ("status", Text),
            ("cookie_hash", Blob),
            ("redeemed_at", Time),
            ("seen_at", Time),
            ("planned_steps", Text),
            ("outcome", Text),
            ("outcome_at", Time),
            ("no_pending_porting", Bool),
            ("created_at", Time),
            ("expires_at", Time),
        ],
    },
    Table {
        name: "events",
        key: &["project", "id"],
        columns: &[
            ("id", Text),
            ("project", Text),
            ("type", Text),
            ("subject", Text),
            ("sequence", Int),
            ("actor_type", Text),
            ("actor_id", Text),
            ("time", Time),
            ("data_sealed", Blob),
            ("previous_sealed", Blob),
            ("outbox_at", Time),
        ],
    },
    Table {
        name: "webhook_endpoints",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("project", Text),
            ("url", Text),
            ("types", Json),
            ("description", Text),
            ("status", Text),
            ("disabled_reason", Text),
            ("secret_sealed", Blob),
            ("previous_secret_sealed", Blob),
            ("previous_until", Time),
            ("version", Int),
            ("created_at", Time),
        ],
    },
    Table {
        name: "webhook_health",
        key: &["endpoint_id"],
        columns: &[
            ("endpoint_id", Text),
            ("failing_since", Time),
            ("held_until", Time),
        ],
    },
    Table {
        name: "webhook_deliveries",
        key: &["endpoint_id", "id"],
        columns: &[
            ("id", Text),
            ("project", Text),
            ("endpoint_id", Text),
            ("event_id", Text),
            ("event_type", Text),
            ("state", Text),
            ("tries", Int),
            ("run_at", Time),
            ("lease_owner", Text),
            ("attempts", Text),
            ("created_at", Time),
            ("finished_at", Time),
        ],
    },
    Table {
        name: "webhook_senders",
        key: &["owner"],
        columns: &[("owner", Text), ("lease_until", Time)],
    },
    Table {
        name: "audit",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("project", Text),
            ("subject", Text),
            ("action", Text),
            ("facts", Json),
            ("actor_type", Text),
            ("actor_id", Text),
            ("time", Time),
        ],
    },
    Table {
        name: "jobs",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("kind", Text),
            ("subject", Text),
            ("run_at", Time),
            ("tries", Int),
            ("lease_owner", Text),
            ("lease_until", Time),
            ("created_at", Time),
        ],
    },
    Table {
        name: "idempotency_keys",
        key: &["project", "key_hash"],
        columns: &[
            ("project", Text),
            ("key_hash", Blob),
            ("fingerprint", Blob),
            ("status", Int),
            ("body_sealed", Blob),
            ("created_at", Time),
        ],
    },
    Table {
        name: "rate_limits",
        key: &["bucket"],
        columns: &[("bucket", Text), ("window_start", Time), ("used", Int)],
    },
    Table {
        name: "erasures",
        key: &["subject", "about"],
        columns: &[
            ("subject", Text),
            ("about", Text),
            ("project", Text),
            ("user_id", Text),
            ("since", Time),
            ("position", Int),
        ],
    },
    Table {
        name: "progress",
        key: &["task", "item"],
        columns: &[
            ("task", Text),
            ("item", Text),
            ("position", Text),
            ("done", Int),
        ],
    },
    Table {
        name: "simulator_submissions",
        key: &["reference"],
        columns: &[
            ("reference", Text),
            ("porting_id", Text),
            ("phone_number", Text),
            ("nth", Int),
            ("canceled", Bool),
            ("received_at", Time),
        ],
    },
    Table {
        name: "simulator_calls",
        key: &["id"],
        columns: &[
            ("id", Text),
            ("reference", Text),
            ("call", Text),
            ("result", Text),
            ("at", Time),
        ],
    },
];
