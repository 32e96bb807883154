//! Durable jobs: submission, answers, expiry, deletion of drafts.
