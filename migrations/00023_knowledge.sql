-- The knowledge of a kit is searched in memory: a round trip less, and answers ten times as fast.
--
-- Every statement may be repeated.

-- +goose NO TRANSACTION
-- +goose Up
DROP TABLE IF EXISTS knowledge_words;
DROP TABLE IF EXISTS knowledge;
DROP TABLE IF EXISTS knowledge_bases;
DROP FUNCTION IF EXISTS knowledge_stem(text);
DROP FUNCTION IF EXISTS knowledge_bones(text);
