-- Until when a call that handed the attempt in, and whose end nobody heard, may still be carried out.
ALTER TABLE attempts ADD COLUMN call_until TIMESTAMPTZ;
