package main

import (
	"context"

	"govorun/crm/postgres"
)

// pooler looks at what lies between DATABASE_URL and the server, and gives the address by which the rest is examined, empty when nothing
// can be.
func (d *doctor) pooler(ctx context.Context) (address string) {
	direct := d.settings.Direct
	p, err := postgres.LookAtPooler(ctx, d.settings.Database, direct)
	switch {
	case err != nil && direct != "":
		d.wrong("pooler", err)
		return ""
	case err != nil:
		d.wrong("postgres", err)
		return ""
	case p.Pooled && direct == "":
		d.report(problem, "pooler", "DATABASE_URL leads through a connection pooler, which keeps no sessions: who sends, migrations and WhatsApp need them",
			"set GOVORUN_DATABASE_DIRECT to the address of PostgreSQL itself, usually port 5432 of its machine")
		return ""
	case !p.Pooled && direct != "":
		d.ok("pooler", "there is none: DATABASE_URL leads to PostgreSQL itself, GOVORUN_DATABASE_DIRECT is not needed")
	case p.Pooled:
		d.pooled(p)
	}
	if direct != "" {
		return direct
	}
	return d.settings.Database
}

// pooled judges a pooler that is used as it should be, beside the server.
func (d *doctor) pooled(p postgres.Pooler) {
	if !p.Shares {
		d.report(warning, "pooler", "it lends connections for whole sessions, so it saves none", "set pool_mode = transaction in pgbouncer.ini")
	}
	if !p.Statements {
		d.report(warning, "pooler", "it keeps no prepared statements, so the server plans each statement anew",
			"use pgbouncer 1.21 or newer with max_prepared_statements = 200, then restart govorun")
	}
	if !p.Minds {
		d.report(warning, "pooler", "its connections are older than the settings of the role, among them how long a lock is waited for",
			"RECONNECT in the pooler's console (psql -p 6432 pgbouncer)")
	}
	if p.Shares && p.Statements && p.Minds {
		d.ok("pooler", "it lends connections for transactions and keeps prepared statements")
	}
}
