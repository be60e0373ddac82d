package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestX19_AnErrorOfTheServerTellsNoValueOfAPerson(t *testing.T) {
	db := pgtest.New(t)
	for _, c := range []struct{ sql, code string }{
		{`SELECT 'Азамат +77071234567'::text::bigint`, "22P02"},
		{`SELECT '{"Азамат": +77071234567'::text::jsonb`, "22P02"},
		{`SELECT 'Азамат "сам" +77071234567'::text::timestamptz`, "22007"},
		{`INSERT INTO contacts (name, phone, fields) VALUES ('Азамат', '+77071234567', NULL)`, "23502"},
		{`INSERT INTO conversations (channel, chat) VALUES ('telegram', '+77071234567'), ('telegram', '+77071234567')`, "23505"},
	} {
		_, err := db.Pool.Exec(context.Background(), c.sql)
		var pg *pgconn.PgError
		if got := postgres.Domain(err); !errors.As(got, &pg) || pg.Code != c.code {
			t.Errorf("%s: the error is %v, want code %s", c.sql, got, c.code)
		} else if all := got.Error() + pg.Detail + pg.Where; strings.Contains(all, "Азамат") || strings.Contains(all, "7707") {
			t.Errorf("the error tells %q", all)
		}
	}
	_, err := db.Pool.Exec(context.Background(), `INSERT INTO conversations (channel, chat) VALUES ('telegram', '1'), ('telegram', '1')`)
	var pg *pgconn.PgError
	if !errors.As(postgres.Domain(err), &pg) || pg.ConstraintName != "conversations_channel_chat_key" {
		t.Errorf("the constraint is not told: %v", err)
	}
	_, err = db.Pool.Exec(context.Background(), `SELECT $1::bigint`, "Азамат +77071234567")
	if got := postgres.Domain(err); got == nil || strings.Contains(got.Error(), "Азамат") {
		t.Errorf("what can't be encoded is told: %v", got)
	}
}
