-- When the carrier says that it gave the answer.
ALTER TABLE carrier_answers ADD COLUMN said_at INTEGER;

-- Since when the carrier has said nothing about the attempt that can be read.
ALTER TABLE attempts ADD COLUMN unreadable_since INTEGER;
CREATE INDEX attempts_unreadable ON attempts (unreadable_since) WHERE unreadable_since IS NOT NULL;
