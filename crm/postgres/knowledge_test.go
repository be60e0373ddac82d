package postgres_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func looked(t *testing.T, db *postgres.DB, use func(*postgres.Turns)) {
	t.Helper()
	if err := db.Look(context.Background(), func(tx *postgres.Turns) error { use(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// conversations are chats of three people and of two clerks, and the clerks.
const sqlAskersWorld = `INSERT INTO conversations (id, channel, chat) VALUES (1, 'telegram', 'a'), (2, 'telegram', 'b'), (3, 'telegram', 'c');
	INSERT INTO role_scopes (role, sees) VALUES ('clerk', 'city'), ('head', 'all');
	INSERT INTO employees (id, name, role, city) VALUES (1, 'Ann', 'clerk', 'Алматы'), (2, 'Bob', 'clerk', 'Шымкент'), (3, 'Eve', 'head', '')`

func TestQuestionsThatAreAlikeAreOneAndEachCitySeesItsOwn(t *testing.T) {
	db := pgtest.New(t)
	ctx := context.Background()
	if _, err := db.Pool.Exec(ctx, sqlAskersWorld); err != nil {
		t.Fatal(err)
	}
	looked(t, db, func(tx *postgres.Turns) {
		ask := func(talk int, text, city string) (postgres.QuestionID, bool) {
			id, news, err := tx.Ask(ctx, postgres.NewQuestion{Kit: "taxi", Lang: "ru", City: city, Text: text, Folded: text, Conversation: crm.ConversationID(talk)})
			if err != nil {
				t.Fatal(err)
			}
			return id, news
		}
		first, news := ask(1, "что делать после аварии", "Алматы")
		same, _ := ask(2, "что делать после авариии", "Алматы")
		again, _ := ask(1, "что делать после аварии", "Алматы")
		far, late := ask(3, "что делать после аварии", "Шымкент")
		if !news || late || same != first || again != first || far == first {
			t.Errorf("questions %d %d %d %d, news %v %v", first, same, again, far, news, late)
		}
		for who, want := range map[crm.EmployeeID][]postgres.QuestionID{1: {first}, 2: {far}, 3: {first, far}} {
			list, total, err := tx.Questions(ctx, who, "taxi", postgres.Page{Size: 5})
			var ids []postgres.QuestionID
			for _, q := range list {
				ids = append(ids, q.ID)
			}
			if err != nil || total != len(want) || !slices.Equal(ids, want) {
				t.Errorf("employee %d sees %v of %d, %v; want %v", who, ids, total, err, want)
			}
		}
		if q, err := tx.Question(ctx, 1, first); err != nil || q.Times != 3 || q.Status != "open" {
			t.Errorf("the question is %+v, %v", q, err)
		}
		if _, err := tx.Question(ctx, 2, first); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("a clerk of another city reads it: %v", err)
		}
		askers, err := tx.CloseQuestion(ctx, 1, first, "Позвоните 102.")
		if err != nil || len(askers) != 2 {
			t.Errorf("the answer goes to %v, %v", askers, err)
		}
		if _, err := tx.CloseQuestion(ctx, 3, first, "Уже нет."); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("it is answered twice: %v", err)
		}
		if next, _ := ask(2, "что делать после аварии", "Алматы"); next == first {
			t.Error("a new question joins an answered one")
		}
	})
}

func TestWhatSomebodyAskedIsForgottenWithoutThoseWhoAskedTheSame(t *testing.T) {
	db := pgtest.New(t)
	ctx := context.Background()
	if _, err := db.Pool.Exec(ctx, sqlAskersWorld); err != nil {
		t.Fatal(err)
	}
	looked(t, db, func(tx *postgres.Turns) {
		for talk, text := range []string{"", "что делать после аварии?", "что делать после авари"} {
			if talk > 0 {
				if _, _, err := tx.Ask(ctx, postgres.NewQuestion{Kit: "taxi", Lang: "ru", Text: text, Folded: "что делать после аварии", Conversation: crm.ConversationID(talk)}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := tx.ForgetQuestions(ctx, 1); err != nil {
			t.Fatal(err)
		}
		list, _, err := tx.Questions(ctx, 3, "taxi", postgres.Page{Size: 5})
		if err != nil || len(list) != 1 || list[0].Text != "что делать после авари" || list[0].Times != 1 {
			t.Errorf("left: %+v, %v", list, err)
		}
		if err := tx.ForgetQuestions(ctx, 2); err != nil {
			t.Fatal(err)
		}
		if _, total, err := tx.Questions(ctx, 3, "taxi", postgres.Page{Size: 5}); err != nil || total != 0 {
			t.Errorf("%d left, %v", total, err)
		}
	})
}
