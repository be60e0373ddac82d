package postgres_test

import (
	"testing"

	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestADatabaseWhosePoliciesDoNotBindTheProgramIsRefused(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	for sql, want := range map[string]string{
		`ALTER TABLE deals NO FORCE ROW LEVEL SECURITY`: "ALTER TABLE deals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
		`ALTER TABLE tasks DISABLE ROW LEVEL SECURITY`:  "ALTER TABLE tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
	} {
		do(t, dsn, sql)
		refused(t, dsn, "employees could see the deals of others", want)
		do(t, dsn, want)
		open(t, postgres.Config{URL: dsn})
	}
}

func TestAPrivateServersRoleThatBecameASuperuserIsRefused(t *testing.T) {
	c := ownServer(t)
	open(t, postgres.Config{URL: c.DSN("govorun")})
	do(t, c.AdminDSN("postgres"), `ALTER ROLE govorun SUPERUSER`)
	refused(t, c.DSN("govorun"), "govorun", "NOSUPERUSER NOBYPASSRLS")
	do(t, c.AdminDSN("postgres"), `ALTER ROLE govorun NOSUPERUSER BYPASSRLS`)
	refused(t, c.DSN("govorun"), "govorun", "NOSUPERUSER NOBYPASSRLS")
}
