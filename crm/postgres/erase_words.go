package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// People choose their names and questions themselves: somebody may be called like a word of every card. So these words alone are taken out of what
// employees wrote and read, and nothing else goes with them; what is no text, such as the names of fields, is left alone.

// redacted stands where the words of a forgotten person stood.
const redacted = "…"

// redactAtOnce is how many messages are held in memory.
const redactAtOnce = 500

const (
	sqlNamingMessages = `SELECT m.conversation_id, m.id FROM messages m WHERE m.conversation_id <> ALL($1::bigint[]) AND m.content::text LIKE ANY($2::text[])
		AND m.conversation_id IN (SELECT c.id FROM conversations c WHERE c.contact_id IS NULL OR EXISTS (SELECT FROM identities i
			WHERE i.channel = c.channel AND i.address = c.chat AND i.employee_id IS NOT NULL))`
	sqlNamingContents = `SELECT m.id, m.conversation_id, m.content FROM unnest($1::bigint[], $2::bigint[]) AS u(conversation, id)
		JOIN messages m ON m.conversation_id = u.conversation AND m.id = u.id`
	sqlRedactMessage = `UPDATE messages SET content = $3 WHERE conversation_id = $2 AND id = $1`

	sqlNamingDead = `SELECT id, 0::bigint, payload FROM dead_letters WHERE payload::text LIKE ANY($1::text[])`
	sqlRedactDead = `UPDATE dead_letters SET payload = $3 WHERE id = $1 AND $2::bigint = 0`
)

// content is a row whose words are looked at.
type content struct {
	ID, Talk int64
	Content  json.RawMessage
}

// redact takes the words of the person out of what others have.
func (p *person) redact(ctx context.Context, tx pgx.Tx, act *actItems) error {
	words, patterns := p.wordsToRedact()
	if len(words) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, sqlNamingMessages, p.talks, patterns)
	if err != nil {
		return err
	}
	named, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Talk, ID int64 }])
	if err != nil {
		return err
	}
	n := 0
	for part := range slices.Chunk(named, redactAtOnce) {
		talks, ids := make([]int64, len(part)), make([]int64, len(part))
		for i, m := range part {
			talks[i], ids[i] = m.Talk, m.ID
		}
		changed, err := redactRows(ctx, tx, words, sqlRedactMessage, sqlNamingContents, talks, ids)
		if err != nil {
			return err
		}
		n += changed
	}
	act.count("messages that name", int64(n))
	n, err = redactRows(ctx, tx, words, sqlRedactDead, sqlNamingDead, patterns)
	act.count("dead letters that name", int64(n))
	return err
}

// wordsToRedact are the words as they stand in texts, with markup and without, the longest first, and patterns of where they may be.
func (p *person) wordsToRedact() (words, patterns []string) {
	for _, word := range p.words {
		words = append(words, word)
		if escaped := html.EscapeString(word); escaped != word {
			words = append(words, escaped)
		}
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	for _, word := range words {
		var written bytes.Buffer
		encoder := json.NewEncoder(&written)
		encoder.SetEscapeHTML(false) // the database doesn't either
		if encoder.Encode(word) == nil {
			inside := strings.TrimSpace(written.String())
			patterns = append(patterns, "%"+likeThis.Replace(inside[1:len(inside)-1])+"%")
		}
	}
	return words, patterns
}

// redactRows reads rows by one statement and writes those that change by another. It gives how many did.
func redactRows(ctx context.Context, tx pgx.Tx, words []string, write, read string, args ...any) (changed int, err error) {
	rows, err := tx.Query(ctx, read, args...)
	if err != nil {
		return 0, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[content])
	if err != nil {
		return 0, err
	}
	batch := &pgx.Batch{}
	for _, row := range all {
		decoder := json.NewDecoder(bytes.NewReader(row.Content))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil {
			return 0, err
		}
		if value, is := without(value, words); is {
			batch.Queue(write, row.ID, row.Talk, json.RawMessage(marshal(value)))
		}
	}
	if batch.Len() == 0 {
		return 0, nil
	}
	return batch.Len(), tx.SendBatch(ctx, batch).Close()
}

// without is a value of JSON with words taken out of its texts, and whether any was there.
func without(value any, words []string) (any, bool) {
	changed := false
	switch v := value.(type) {
	case string:
		for _, word := range words {
			if strings.Contains(v, word) {
				v, changed = strings.ReplaceAll(v, word, redacted), true
			}
		}
		return v, changed
	case []any:
		for i := range v {
			one, is := without(v[i], words)
			v[i], changed = one, changed || is
		}
	case map[string]any:
		for name := range v {
			one, is := without(v[name], words)
			v[name], changed = one, changed || is
		}
	}
	return value, changed
}
