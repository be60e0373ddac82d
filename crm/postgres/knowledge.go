package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// BaseID is the number of a kept base of knowledge; zero is none.
type BaseID int64

// KnowledgeBase is what a kit knows, to be kept: Version names its contents. Words are folded; their weight is from 0 to 1, and In are ordinals
// of questions.
type KnowledgeBase struct {
	Kit, Version string
	Questions    []KnowledgeQuestion
	Words        []KnowledgeWord
}

// KnowledgeQuestion is one way to ask for an answer. Ordinal is its place in the base.
type KnowledgeQuestion struct {
	Ordinal      int
	Entry, Lang  string
	Question     string
	Cities       []string
	Answer, Shut string
}

// KnowledgeWord is a word of questions.
type KnowledgeWord struct {
	Word   string
	Weight float64
	In     []int
}

const (
	sqlBase    = `UPDATE knowledge_bases SET used_at = now() WHERE kit = $1 AND version = $2 RETURNING id`
	sqlNewBase = `INSERT INTO knowledge_bases (kit, version) VALUES ($1, $2)
		ON CONFLICT ON CONSTRAINT knowledge_bases_version_key DO UPDATE SET used_at = now() RETURNING id, xmax = 0`

	// Other processes may still run on an older version: some are kept.
	sqlDropBases = `DELETE FROM knowledge_bases WHERE kit = $1 AND id NOT IN (SELECT id FROM knowledge_bases WHERE kit = $1 ORDER BY used_at DESC, id DESC LIMIT 4)`

	// The words of a text are looked for as they are, by their basic form, by their consonants, by their beginning, and by their trigrams. A question is worth the sum of
	// its words, each once for every word of the text. Words that stand in very many questions are left out when better ones were enough.
	sqlKnown = `WITH asked AS (SELECT word, n, knowledge_stem(word) AS stem, knowledge_bones(word) AS bones FROM unnest($2::text[]) WITH ORDINALITY a (word, n)),
		near AS (
			SELECT a.n, w.word, w.ordinals, w.weight * w.alike AS worth FROM asked a CROSS JOIN LATERAL (
				SELECT word, ordinals, weight, max(alike) AS alike FROM (
					(SELECT word, ordinals, weight, CASE WHEN word = a.word THEN 1.0 ELSE 0.9 END AS alike FROM knowledge_words
						WHERE base_id = $1 AND stem = a.stem LIMIT 12)
					UNION ALL
					(SELECT word, ordinals, weight, 0.7 FROM knowledge_words WHERE base_id = $1 AND bones = a.bones ORDER BY abs(length(word) - length(a.word)) LIMIT 8)
					UNION ALL
					(SELECT word, ordinals, weight, 0.8 FROM knowledge_words
						WHERE base_id = $1 AND length(a.word) >= 5 AND a.word !~ '[%_\\]' AND word LIKE left(a.word, 5) || '%' ORDER BY length(word) LIMIT 12)
					UNION ALL
					(SELECT word, ordinals, weight, similarity(word, a.word) FROM knowledge_words
						WHERE base_id = $1 AND word % a.word ORDER BY similarity(word, a.word) DESC LIMIT 8)
				) found GROUP BY word, ordinals, weight ORDER BY alike DESC LIMIT 12) w),
		spread AS (SELECT n, ordinals, worth, row_number() OVER best AS place, sum(cardinality(ordinals)) OVER best AS upto FROM near
			WINDOW best AS (ORDER BY worth DESC, word, n ROWS UNBOUNDED PRECEDING))
		SELECT ordinal FROM (SELECT ordinal, n, max(worth) AS worth FROM spread, unnest(ordinals) ordinal WHERE place = 1 OR upto <= 1500 GROUP BY ordinal, n) said
		GROUP BY ordinal ORDER BY sum(worth) DESC, ordinal LIMIT 40`

	sqlAskedLately = `SELECT count(*), coalesce((SELECT d.city FROM deals d WHERE d.contact_id = $2 AND d.city <> '' ORDER BY d.id DESC LIMIT 1), '')
		FROM question_askers a JOIN questions q ON q.id = a.question_id
		WHERE a.conversation_id = $1 AND a.asked_at > now() - interval '1 day' AND q.status = 'open'`
)

// KeepKnowledge stores what a kit knows, unless this version of it is there already, and gives its number. Old versions are dropped.
func (db *DB) KeepKnowledge(ctx context.Context, b KnowledgeBase) (id BaseID, err error) {
	err = db.Pool.QueryRow(ctx, sqlBase, b.Kit, b.Version).Scan(&id)
	if err == nil {
		return id, nil
	}
	if err != pgx.ErrNoRows {
		return 0, fmt.Errorf("keep the knowledge of kit %s: %w", b.Kit, domain(err))
	}
	err = pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		made := false
		if err := tx.QueryRow(ctx, sqlNewBase, b.Kit, b.Version).Scan(&id, &made); err != nil || !made {
			return err // another process was faster
		}
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"knowledge"}, []string{"base_id", "ordinal", "entry", "lang", "question", "cities", "answer", "shut"},
			pgx.CopyFromSlice(len(b.Questions), func(i int) ([]any, error) {
				q := b.Questions[i]
				if q.Cities == nil {
					q.Cities = []string{}
				}
				return []any{id, q.Ordinal, q.Entry, q.Lang, q.Question, q.Cities, q.Answer, q.Shut}, nil
			}))
		if err != nil {
			return err
		}
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"knowledge_words"}, []string{"base_id", "word", "weight", "ordinals"},
			pgx.CopyFromSlice(len(b.Words), func(i int) ([]any, error) {
				w := b.Words[i]
				return []any{id, w.Word, float32(w.Weight), w.In}, nil
			}))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlDropBases, b.Kit)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("keep the knowledge of kit %s: %w", b.Kit, domain(err))
	}
	return id, nil
}

// Lookup is a text to be looked up: its folded words, and who asks.
type Lookup struct {
	Base    BaseID
	Words   []string
	Talk    crm.ConversationID
	Contact crm.ContactID
}

// LookedUp is what a lookup gave: the ordinals of the questions that may mean the same, the likeliest first; how many questions without an
// answer the talk has asked within a day; and the city of the contact's newest deal.
type LookedUp struct {
	Ordinals []int
	Asked    int
	City     string
}

// Known looks a text up in a base. It is one round trip.
func (t *Turns) Known(ctx context.Context, l Lookup) (found LookedUp, err error) {
	batch := &pgx.Batch{}
	batch.Queue(sqlKnown, l.Base, l.Words).Query(func(rows pgx.Rows) error {
		found.Ordinals, err = pgx.CollectRows(rows, pgx.RowTo[int])
		return err
	})
	batch.Queue(sqlAskedLately, l.Talk, l.Contact).QueryRow(func(row pgx.Row) error { return row.Scan(&found.Asked, &found.City) })
	err = t.conn.SendBatch(ctx, batch).Close()
	return found, wrap(err, "look a question of conversation %d up", l.Talk)
}

// QuestionID is the number of a question that nobody knew the answer to.
type QuestionID int64

// NewQuestion is a question without an answer. Folded is by which the next one is found to be the same.
type NewQuestion struct {
	Kit, Lang, City string
	Text, Folded    string
	Conversation    crm.ConversationID
}

// Question is a question without an answer, as employees see it. Times is how often it was asked.
type Question struct {
	ID     QuestionID
	Lang   string
	City   string
	Text   string
	Status string
	Times  int
	LastAt time.Time
}

// Asker is somebody who has asked a question, with their own words.
type Asker struct {
	Conversation crm.ConversationID
	Address      crm.Address
	Lang         string
	Text         string
	Blocked      bool
}
