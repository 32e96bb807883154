-- Which call that handed the attempt in may still be carried out, because nobody heard its end: its number,
-- or 0 when there is none. Null where it was not noted: then there may be one.
ALTER TABLE attempts ADD COLUMN open_call INTEGER;
