package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// A question like one that is open already joins it. The lock waits for whoever answers that one now, and then it is no longer open.
	sqlAsk = `WITH same AS (SELECT id FROM questions WHERE kit = $1 AND lang = $2 AND city = $3 AND status = 'open' AND folded % $5 AND similarity(folded, $5) >= 0.6
			ORDER BY similarity(folded, $5) DESC, id LIMIT 1 FOR KEY SHARE),
		made AS (INSERT INTO questions (kit, lang, city, text, folded) SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM same) RETURNING id),
		asker AS (INSERT INTO question_askers (question_id, conversation_id, text) SELECT id, $6, $4 FROM (SELECT id FROM same UNION ALL SELECT id FROM made) q
			ON CONFLICT ON CONSTRAINT question_askers_pkey DO UPDATE SET times = question_askers.times + 1, asked_at = now())
		SELECT id, false FROM same UNION ALL SELECT id, NOT EXISTS (SELECT FROM questions WHERE kit = $1 AND created_at > now() - interval '12 hours') FROM made`

	sqlQuestions = `SELECT q.id, q.lang, q.city, q.text, q.status, sum(a.times)::int, max(a.asked_at)
		FROM questions q JOIN question_askers a ON a.question_id = q.id WHERE q.kit = $1 AND q.status = 'open'
		GROUP BY q.id ORDER BY sum(a.times) DESC, q.id LIMIT $2 OFFSET $3`

	sqlCountQuestions = `SELECT count(*) FROM questions WHERE kit = $1 AND status = 'open'`

	sqlQuestion = `SELECT q.id, q.lang, q.city, q.text, q.status, coalesce(sum(a.times), 0)::int, coalesce(max(a.asked_at), q.created_at)
		FROM questions q LEFT JOIN question_askers a ON a.question_id = q.id WHERE q.id = $1 GROUP BY q.id`

	sqlCloseQuestion = `UPDATE questions SET status = $3, answer = $4, employee_id = $2, closed_at = now() WHERE id = $1 AND status = 'open'`

	sqlAskers = `UPDATE question_askers a SET told_at = now() FROM conversations c WHERE a.question_id = $1 AND c.id = a.conversation_id
		RETURNING c.id, c.channel, c.chat, c.lang, a.text, c.blocked`
)

// Ask collects a question that nobody knew the answer to; news when it is the first new one for half a day.
func (t *Turns) Ask(ctx context.Context, q NewQuestion) (id QuestionID, news bool, err error) {
	err = t.conn.QueryRow(ctx, sqlAsk, q.Kit, q.Lang, q.City, q.Text, q.Folded, q.Conversation).Scan(&id, &news)
	return id, news, wrap(err, "collect a question of conversation %d", q.Conversation)
}

// Questions are those without an answer that an employee sees, the most asked first, and how many there are.
func (t *Turns) Questions(ctx context.Context, me crm.EmployeeID, kit string, page Page) (list []Question, total int, err error) {
	batch := &pgx.Batch{}
	batch.Queue(sqlSeeAs, named(me))
	batch.Queue(sqlCountQuestions, kit).QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
	batch.Queue(sqlQuestions, kit, page.Size, page.Skip).Query(func(rows pgx.Rows) error {
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Question])
		return err
	})
	batch.Queue(sqlSeeAs, 0)
	err = t.conn.SendBatch(ctx, batch).Close()
	return list, total, wrap(err, "list the questions for employee %d", me)
}

// Question reads one for an employee, answered or not; crm.ErrNotFound also when it is not of their cities.
func (t *Turns) Question(ctx context.Context, me crm.EmployeeID, id QuestionID) (q Question, err error) {
	found := false
	batch := &pgx.Batch{}
	batch.Queue(sqlSeeAs, named(me))
	batch.Queue(sqlQuestion, id).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Question])
		if found = len(list) == 1; found {
			q = list[0]
		}
		return err
	})
	batch.Queue(sqlSeeAs, 0)
	if err = t.conn.SendBatch(ctx, batch).Close(); err == nil && !found {
		err = crm.ErrNotFound
	}
	return q, wrap(err, "read question %d for employee %d", id, me)
}

// CloseQuestion answers an open question, or puts it away when the answer is empty, and gives those who asked it. crm.ErrNotFound when it is
// not open any more. Whether the employee may is asked before, by Question.
func (t *Turns) CloseQuestion(ctx context.Context, me crm.EmployeeID, id QuestionID, answer string) ([]Asker, error) {
	status := "answered"
	if answer == "" {
		status = "dismissed"
	}
	tag, err := t.conn.Exec(ctx, sqlCloseQuestion, id, me, status, answer)
	if err == nil && tag.RowsAffected() == 0 {
		err = crm.ErrNotFound
	}
	if err != nil || answer == "" {
		return nil, wrap(err, "close question %d", id)
	}
	rows, err := t.conn.Query(ctx, sqlAskers, id)
	if err != nil {
		return nil, wrap(err, "find who asked question %d", id)
	}
	askers, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a Asker, err error) {
		err = row.Scan(&a.Conversation, &a.Address.Channel, &a.Address.Chat, &a.Lang, &a.Text, &a.Blocked)
		return a, err
	})
	return askers, wrap(err, "find who asked question %d", id)
}

const sqlForgetQuestions = `SELECT forget_questions($1)`

// ForgetQuestions removes all that was asked in a conversation. What others asked as well stays, in their words.
func (t *Turns) ForgetQuestions(ctx context.Context, id crm.ConversationID) error {
	_, err := t.conn.Exec(ctx, sqlForgetQuestions, id)
	return wrap(err, "forget the questions of conversation %d", id)
}
