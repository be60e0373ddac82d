package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// TopicStatus says whose a talk is that has a topic.
type TopicStatus string

// Statuses of topics.
const (
	TopicCalled   TopicStatus = "called"   // somebody asked for a person, nobody has come
	TopicLed      TopicStatus = "led"      // people of the company write there
	TopicReturned TopicStatus = "returned" // the bot has the talk again
	TopicLost     TopicStatus = "lost"     // it could not be made or written to
)

// Topic is where people of the company lead one talk: a topic of a forum. Messages for it bear crm.TopicOf(Talk) as their thread.
type Topic struct {
	Talk         crm.ConversationID
	Conversation crm.ConversationID // the forum
	Address      crm.Address        // of the forum
	Lang         string             // of the forum
	Title        string
	Anew         crm.Outbound // what is said in a topic that stands for a deleted one
	Status       TopicStatus
	Joined       []crm.EmployeeID // of whom the person has been told
	Reason       string           // of the loss
}

// Open says whether what the person writes belongs there.
func (t Topic) Open() bool { return t.Status == TopicCalled || t.Status == TopicLed }

const (
	// A lost topic is made anew; so is one of another forum.
	sqlCallTopic = `INSERT INTO topics (talk_id, conversation_id, title, anew, status) VALUES ($1, $2, $3, $4, 'called')
		ON CONFLICT ON CONSTRAINT topics_pkey DO UPDATE SET conversation_id = excluded.conversation_id, title = excluded.title, anew = excluded.anew,
			thread = CASE WHEN topics.conversation_id = excluded.conversation_id AND topics.status <> 'lost' THEN topics.thread END,
			status = 'called', joined = '{}', reason = '', told_at = NULL`
	sqlTopic = `SELECT t.talk_id, t.conversation_id, c.channel, c.chat, c.lang, t.title, t.status, t.joined, t.reason
		FROM topics t JOIN conversations c ON c.id = t.conversation_id WHERE t.talk_id = $1`
	sqlTalkOfThread = `SELECT talk_id FROM topics WHERE conversation_id = $1 AND thread = $2`
	sqlJoinTopic    = `UPDATE topics SET status = 'led', joined = array_append(array_remove(joined, $2::bigint), $2::bigint) WHERE talk_id = $1`
	sqlReturnTopic  = `UPDATE topics SET status = 'returned', joined = '{}' WHERE talk_id = $1 AND status IN ('called', 'led')`

	sqlLoseTopicsOf = `UPDATE topics SET status = 'lost', thread = NULL, reason = $2, told_at = CASE WHEN status = 'returned' THEN now() END
		WHERE conversation_id = $1 AND status <> 'lost'`
	sqlLostTopic      = `SELECT talk_id FROM topics WHERE status = 'lost' AND told_at IS NULL ORDER BY talk_id LIMIT 1`
	sqlToldTopic      = `UPDATE topics SET told_at = now() WHERE talk_id = $1 AND status = 'lost' AND told_at IS NULL`
	sqlDropTopicQueue = `UPDATE messages SET status = 'cancelled', reason = 'topic_lost' WHERE conversation_id = $1 AND direction = 'out' AND status = 'queued'
		AND content->>'thread' = $2 RETURNING id`
)

// CallTopic asks for a topic in which a talk is led: the one that it had, opened again, or a new one. Title, Conversation, Talk and Anew count.
func (t *Turns) CallTopic(ctx context.Context, topic Topic) error {
	anew, err := json.Marshal(topic.Anew)
	if err == nil {
		_, err = t.conn.Exec(ctx, sqlCallTopic, topic.Talk, topic.Conversation, topic.Title, anew)
	}
	return wrap(err, "ask for a topic for conversation %d", topic.Talk)
}

// Topic reads the topic of a talk. crm.ErrNotFound when it never had one.
func (t *Turns) Topic(ctx context.Context, talk crm.ConversationID) (topic Topic, err error) {
	err = t.conn.QueryRow(ctx, sqlTopic, talk).Scan(&topic.Talk, &topic.Conversation, &topic.Address.Channel, &topic.Address.Chat, &topic.Lang,
		&topic.Title, &topic.Status, &topic.Joined, &topic.Reason)
	return topic, wrap(err, "find the topic of conversation %d", talk)
}

// TalkOfThread finds the talk that is led in a topic, by the provider's id of it. crm.ErrNotFound when it is no such topic.
func (t *Turns) TalkOfThread(ctx context.Context, forum crm.ConversationID, thread string) (talk crm.ConversationID, err error) {
	err = t.conn.QueryRow(ctx, sqlTalkOfThread, forum, thread).Scan(&talk)
	return talk, wrap(err, "find whose topic %s is", thread)
}

// JoinTopic notes that an employee writes in the topic of a talk.
func (t *Turns) JoinTopic(ctx context.Context, talk crm.ConversationID, who crm.EmployeeID) error {
	_, err := t.conn.Exec(ctx, sqlJoinTopic, talk, who)
	return wrap(err, "join the topic of conversation %d", talk)
}

// ReturnTopic notes that the bot has a talk again.
func (t *Turns) ReturnTopic(ctx context.Context, talk crm.ConversationID) error {
	_, err := t.conn.Exec(ctx, sqlReturnTopic, talk)
	return wrap(err, "leave the topic of conversation %d", talk)
}

// LoseTopics notes that no topic of a forum can be written to.
func (t *Turns) LoseTopics(ctx context.Context, forum crm.ConversationID, reason string) error {
	_, err := t.conn.Exec(ctx, sqlLoseTopicsOf, forum, reason)
	return wrap(err, "lose the topics of conversation %d", forum)
}

// LostTopic gives a talk whose topic is lost without anybody having been told; crm.ErrNotFound when there is none. It locks nothing.
func (t *Turns) LostTopic(ctx context.Context) (talk crm.ConversationID, err error) {
	err = t.conn.QueryRow(ctx, sqlLostTopic).Scan(&talk)
	return talk, wrap(err, "find a lost topic")
}

// ToldTopic notes that what stood in a lost topic is handed on by this transaction, and cancels what waits to be sent there. It is false when somebody
// else has done so. The talk must be locked before.
func (t *Turns) ToldTopic(ctx context.Context, topic Topic) (mine bool, err error) {
	tag, err := t.conn.Exec(ctx, sqlToldTopic, topic.Talk)
	if err != nil || tag.RowsAffected() == 0 {
		return false, wrap(err, "empty the topic of conversation %d", topic.Talk)
	}
	rows, err := t.conn.Query(ctx, sqlDropTopicQueue, topic.Conversation, crm.TopicOf(topic.Talk))
	if err != nil {
		return false, wrap(err, "empty the topic of conversation %d", topic.Talk)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[crm.MessageID])
	t.Cancelled = append(t.Cancelled, ids...)
	return true, wrap(err, "empty the topic of conversation %d", topic.Talk)
}

// For the sender.
const (
	sqlStanding  = `SELECT coalesce(thread, '') FROM topics WHERE talk_id = $1 AND conversation_id = $2 AND status <> 'lost'`
	sqlTalkTopic = `SELECT title FROM topics WHERE talk_id = $1 AND conversation_id = $2 AND status <> 'lost'`
	sqlTopicAnew = `SELECT thread IS NOT NULL, anew FROM topics WHERE talk_id = $1 AND conversation_id = $2`
	sqlSayAnew   = `INSERT INTO messages (conversation_id, direction, author, kind, status, content, created_at)
		VALUES ($1, 'out', 'system', 'message', 'queued', $2, now())`
	sqlMadeTopic = `UPDATE topics SET thread = $3 WHERE talk_id = $1 AND conversation_id = $2`
	// Where no topic can be made, calls for a person stand where the operators were bound.
	sqlLoseTopic = `WITH lost AS (UPDATE topics SET status = 'lost', thread = NULL, reason = $3, told_at = CASE WHEN status = 'returned' THEN now() END
			WHERE talk_id = $1 AND conversation_id = $2 AND status <> 'lost')
		UPDATE rooms SET forum = false WHERE conversation_id = $2 AND forum`
)

// Standing gives what the provider calls the topic of a name now: empty when it is to be made. crm.ErrNotFound when there is none any more.
func (o *Outbox) Standing(ctx context.Context, conversation crm.ConversationID, name string) (thread string, err error) {
	talk, named := crm.TalkOf(name)
	if !named {
		return "", fmt.Errorf("topic %q: %w", name, crm.ErrNotFound)
	}
	err = o.db.Pool.QueryRow(ctx, sqlStanding, talk, conversation).Scan(&thread)
	return thread, wrap(err, "find the topic of conversation %d", talk)
}

// renewTopic puts a topic that was just made in the place of a talk's. When it stands for one that was deleted, that is said there. The message comes
// first: storing it may wait for whoever writes in the forum, and they may wait for the topic.
func renewTopic(ctx context.Context, tx pgx.Tx, out crm.Outbound, talk crm.ConversationID, thread string) error {
	var before bool
	var anew []byte
	if err := tx.QueryRow(ctx, sqlTopicAnew, talk, out.Conversation).Scan(&before, &anew); err != nil {
		return err
	}
	kind := "topic_made"
	if before {
		kind = "topic_renewed"
		if _, err := tx.Exec(ctx, sqlSayAnew, out.Conversation, anew); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, sqlMadeTopic, talk, out.Conversation, thread); err != nil {
		return err
	}
	return outboxEvent(ctx, tx, out, kind, crm.Fields{"talk": talk, "thread": thread})
}
