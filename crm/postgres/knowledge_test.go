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

// smallBase is what a kit knows about payouts and offices.
func smallBase(version string) postgres.KnowledgeBase {
	return postgres.KnowledgeBase{Kit: "taxi", Version: version,
		Questions: []postgres.KnowledgeQuestion{
			{Ordinal: 0, Entry: "payouts", Lang: "ru", Question: "Когда приходят выплаты?", Answer: "Сегодня."},
			{Ordinal: 1, Entry: "office", Lang: "ru", Question: "Где офис?", Cities: []string{"Алматы"}, Answer: "На Абая."},
			{Ordinal: 2, Entry: "payouts", Lang: "kk", Question: "Төлем қашан келеді?", Answer: "Бүгін."},
		},
		Words: []postgres.KnowledgeWord{{"когда", 0.2, []int{0}}, {"приходят", 1, []int{0}}, {"выплаты", 1, []int{0}}, {"где", 0.2, []int{1}}, {"офис", 1, []int{1}},
			{"толем", 1, []int{2}}, {"кашан", 0.2, []int{2}}, {"келеди", 1, []int{2}}}}
}

func looked(t *testing.T, db *postgres.DB, use func(*postgres.Turns)) {
	t.Helper()
	if err := db.Look(context.Background(), func(tx *postgres.Turns) error { use(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestKnowledgeIsFoundByWordsTheirEndingsAndMistakes(t *testing.T) {
	db := pgtest.New(t)
	id, err := db.KeepKnowledge(context.Background(), smallBase("one"))
	if err != nil {
		t.Fatal(err)
	}
	looked(t, db, func(tx *postgres.Turns) {
		for _, c := range []struct {
			words []string
			want  int // the first, -1 for none
		}{
			{[]string{"выплаты"}, 0}, {[]string{"выплат"}, 0}, {[]string{"виплати"}, 0}, {[]string{"выплптв", "прихолят"}, 0}, {[]string{"офиса"}, 1}, {[]string{"офс"}, 1},
			{[]string{"толемдеримиздин"}, 2}, {[]string{"когда", "офис"}, 1}, {[]string{"бензин"}, -1}, {[]string{}, -1}, {nil, -1}, {[]string{"%"}, -1}, {[]string{"_____"}, -1}, {[]string{"'"}, -1}, {[]string{""}, -1},
		} {
			got, err := tx.Known(context.Background(), postgres.Lookup{Base: id, Words: c.words, Talk: 1})
			if err != nil || got.Asked != 0 || got.City != "" {
				t.Fatalf("%q: %v, %+v", c.words, err, got)
			}
			if first := append(slices.Clone(got.Ordinals), -1)[0]; first != c.want {
				t.Errorf("%q finds %v, want %d first", c.words, got.Ordinals, c.want)
			}
		}
		if got, err := tx.Known(context.Background(), postgres.Lookup{Words: []string{"выплаты"}, Talk: 1}); err != nil || len(got.Ordinals) > 0 {
			t.Errorf("where nothing is kept: %v, %v", got, err)
		}
	})
}

func TestAVersionOfKnowledgeIsKeptOnceAndOldOnesGoInTheEnd(t *testing.T) {
	db := pgtest.New(t)
	ctx := context.Background()
	first, err := db.KeepKnowledge(ctx, smallBase("v0"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := db.KeepKnowledge(ctx, smallBase("v0")); err != nil || again != first {
		t.Errorf("the same version is base %d, %v; it was %d", again, err, first)
	}
	for _, version := range []string{"v1", "v2", "v3", "v4"} {
		if _, err := db.KeepKnowledge(ctx, smallBase(version)); err != nil {
			t.Fatal(err)
		}
	}
	var bases, words int
	if err := db.Pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM knowledge_bases), (SELECT count(*) FROM knowledge_words WHERE base_id = $1)`, first).Scan(&bases, &words); err != nil {
		t.Fatal(err)
	}
	if bases != 4 || words != 0 {
		t.Errorf("%d bases are kept, %d words of the oldest", bases, words)
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
