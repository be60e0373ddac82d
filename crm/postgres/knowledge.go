package postgres

import (
	"context"
	"time"

	"govorun/crm"
)

const (
	sqlQuestionsLately = `SELECT count(*), coalesce((SELECT d.city FROM deals d WHERE d.contact_id = $2 AND d.city <> '' ORDER BY d.id DESC LIMIT 1), '')
		FROM question_askers a JOIN questions q ON q.id = a.question_id
		WHERE a.conversation_id = $1 AND a.asked_at > now() - interval '1 day' AND q.status = 'open'`
)

// QuestionsLately gives how many questions without an answer a talk has asked within a day, and the city of the contact's newest deal, if any.
func (t *Turns) QuestionsLately(ctx context.Context, talk crm.ConversationID, contact crm.ContactID) (asked int, city string, err error) {
	err = t.conn.QueryRow(ctx, sqlQuestionsLately, talk, contact).Scan(&asked, &city)
	return asked, city, wrap(err, "look for earlier questions of conversation %d", talk)
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
