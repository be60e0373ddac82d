package turn_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/crm"
)

func TestACardSentInACommitTellsWhatALaterTurnOfItChanged(t *testing.T) {
	h := newProvider(t)
	h.startWith(changed(t, "rules:\n", "rules:\n  - id: wrote\n    when: {message: sales}\n    do: [{set_deal: {address: '\"changed\"'}}]\n"))
	h.text(olga, "/order")
	h.text(olga, "+79161234567")
	h.text(olga, "Moscow")
	for i := range int64(4) {
		h.text(700+i, "/order")
	}
	tx, err := h.db.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SELECT FROM conversations WHERE chat LIKE '70_' FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	send := func(person int64, text string) {
		in := h.from(person, crm.Inbound{Kind: crm.InText, Text: text})
		all.Go(func() {
			if _, err := h.runner.Accept(context.Background(), in); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(8 * time.Millisecond)
	}
	for i := range int64(4) {
		send(700+i, "+7916123450"+string(rune('0'+i)))
	}
	send(olga, "Lenin street 1")
	send(olga, "hello")
	time.Sleep(300 * time.Millisecond)
	_ = tx.Rollback(context.Background())
	all.Wait()
	h.runner.Wait()
	if n := h.count(`SELECT count(*) FROM deals WHERE fields->>'address' = 'changed'`); n != 1 {
		t.Fatal("the rule did not see the deal")
	}
	if got := h.card(mia).Text; !strings.Contains(got, "changed") {
		t.Errorf("the card says %q", got)
	}
}
