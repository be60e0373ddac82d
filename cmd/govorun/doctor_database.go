package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"govorun/crm/postgres"
	"govorun/crm/postgres/cluster"
	"govorun/migrations"
)

// database finds the database as serve would, examines it without changing anything, and looks into it when its schema is the
// program's own.
func (d *doctor) database(ctx context.Context) {
	address := d.settings.Database
	if address == "" {
		var stop func()
		if address, stop = d.private(ctx); address == "" {
			return
		}
		defer stop()
	} else if address = d.pooler(ctx); address == "" {
		return
	}
	if d.examine(ctx, address) {
		d.memory(ctx, address)
	}
}

// private gives the address of the private database, starting it for the moment when no program runs it. Without one yet, it
// tries on a database beside it whether this machine can make one, and gives no address.
func (d *doctor) private(ctx context.Context) (address string, stop func()) {
	dir := filepath.Join(d.settings.Data, "postgres")
	if _, err := os.Stat(filepath.Join(dir, "data")); err != nil {
		d.rehearse(ctx)
		return "", nil
	}
	server, err := cluster.Start(ctx, cluster.Options{Dir: dir, Fetch: noDownload})
	var used *cluster.InUseError
	switch {
	case errors.As(err, &used):
		d.ok("program", "process %d runs on this data folder; looked beside it", used.PID)
		if address, err = cluster.Address(dir); err != nil {
			d.wrong("postgres", err)
		}
		return address, func() {}
	case err != nil:
		d.wrong("postgres", err)
		return "", nil
	}
	d.ok("program", "no other program runs on this data folder")
	return server.DSN(cluster.Database), func() { d.halt(server) }
}

// rehearse makes a database in a temporary part of the data folder, examines it and removes it.
func (d *doctor) rehearse(ctx context.Context) {
	programs, err := cluster.Find()
	if errors.Is(err, cluster.ErrNotFound) {
		d.report(warning, "postgres", err.Error()+": the first start downloads it",
			"apt install postgresql, or set DATABASE_URL; on a machine with the internet nothing need be done")
		return
	}
	if err != nil {
		d.wrong("postgres", err)
		return
	}
	before, err := existing(d.settings.Data)
	if err == nil {
		err = os.MkdirAll(d.settings.Data, 0o711)
	}
	if err != nil {
		d.wrong("postgres", err)
		return
	}
	defer removeEmpty(d.settings.Data, before)
	dir, err := os.MkdirTemp(d.settings.Data, "doctor-")
	if err != nil {
		d.wrong("postgres", err)
		return
	}
	defer os.RemoveAll(dir) // after the halt below
	server, err := cluster.Start(ctx, cluster.Options{Dir: dir, Fast: true, Fetch: noDownload})
	if err != nil {
		d.wrong("postgres", errors.New(strings.ReplaceAll(err.Error(), dir, d.settings.Data)))
		return
	}
	defer d.halt(server)
	d.ok("postgres", "PostgreSQL %d of %s makes a private database at the first start", programs.Major, programs.Dir)
	if db, err := sql.Open("pgx", server.AdminDSN(cluster.Database)); err == nil {
		defer db.Close()
		d.letters(ctx, db)
	}
}

// removeEmpty removes the folders between dir and before that nothing was put into.
func removeEmpty(dir, before string) {
	for dir != before && os.Remove(dir) == nil {
		dir = filepath.Dir(dir)
	}
}

func noDownload(context.Context, int, string) error {
	return errors.New("it was not tried now; `govorun serve` tries it")
}

func (d *doctor) halt(server *cluster.Cluster) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := server.Stop(ctx); err != nil {
		d.report(warning, "postgres", err.Error(), "")
	}
}

// examine looks at the server and the schema through a connection that cannot write, and says whether the schema is the
// program's own, so that the rest can be read.
func (d *doctor) examine(ctx context.Context, address string) (current bool) {
	db, err := sql.Open("pgx", readOnly(address)) // the driver that crm/postgres brings
	if err == nil {
		defer db.Close()
		err = db.PingContext(ctx)
	}
	if err != nil {
		d.unreachable(ctx, address)
		return false
	}
	current = d.server(ctx, db) && d.schema(ctx, db)
	if current {
		d.keys(ctx, db)
	}
	return current
}

// readOnly adds to an address, in either of its two forms, that its sessions can't write.
func readOnly(address string) string {
	const setting = "default_transaction_read_only"
	if u, err := url.Parse(address); err == nil && strings.HasPrefix(u.Scheme, "postgres") {
		q := u.Query()
		q.Set(setting, "on")
		u.RawQuery = q.Encode()
		return u.String()
	}
	return address + " " + setting + "=on"
}

// unreachable says in the words of a start why there is no connection.
func (d *doctor) unreachable(ctx context.Context, address string) {
	db, err := postgres.Open(ctx, postgres.Config{URL: address, Look: true, Log: slog.New(slog.DiscardHandler), MaxConns: 1})
	if err == nil {
		closeStore(db)
		err = errors.New("the database refuses a session that only reads: allow default_transaction_read_only as a start parameter in the pooler")
	}
	d.wrong("postgres", err)
}

const sqlDoctorServer = `SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'), pg_is_in_recovery(),
	r.rolname, r.rolsuper OR r.rolbypassrls, extract(epoch FROM clock_timestamp())::float8
	FROM pg_roles r WHERE r.rolname = current_user`

// mostDrift is how far the clocks of program and database may differ unnoticed: timers run by the database's clock, and what
// people read beside them by the program's.
const mostDrift = 30 * time.Second

// server examines version, encoding, rights and clock; false when nothing can run on it.
func (d *doctor) server(ctx context.Context, db *sql.DB) bool {
	var major int
	var encoding, role string
	var standby, above bool
	var clock float64
	began := d.now()
	if err := db.QueryRowContext(ctx, sqlDoctorServer).Scan(&major, &encoding, &standby, &role, &above, &clock); err != nil {
		d.wrong("postgres", fmt.Errorf("examine the database server: %w", err))
		return false
	}
	asked := d.now()
	switch {
	case major < cluster.MinMajor || major > cluster.MaxMajor:
		d.report(problem, "postgres", fmt.Sprintf("the server is PostgreSQL %d, this program needs %d to %d", major, cluster.MinMajor, cluster.MaxMajor),
			"name another server in DATABASE_URL, or unset it to use a private one")
		return false
	case encoding != "UTF8":
		d.report(problem, "postgres", "the database is encoded in "+encoding+" and cannot hold every language",
			"CREATE DATABASE govorun ENCODING 'UTF8' TEMPLATE template0, and name it in DATABASE_URL")
		return false
	case standby:
		d.report(problem, "postgres", "the server is a standby and can't be written to", "name the primary server in DATABASE_URL")
		return false
	}
	d.ok("postgres", "PostgreSQL %d answers in %v", major, asked.Sub(began).Round(10*time.Microsecond))
	if above {
		d.report(warning, "role", fmt.Sprintf("%s is above row-level security; the program works as role %s instead", role, cluster.Role),
			"use an ordinary user, the owner of the database, in DATABASE_URL")
	} else {
		d.ok("role", "%s is no superuser", role)
	}
	d.letters(ctx, db)
	drift := time.Unix(0, int64(clock*1e9)).Sub(began.Add(asked.Sub(began) / 2))
	if drift.Abs() > mostDrift {
		d.report(warning, "clock", fmt.Sprintf("the database's clock is %v %s this machine's; timers run by the database's", drift.Abs().Round(time.Second), side(drift)),
			"timedatectl set-ntp true, on both machines")
	} else {
		d.ok("clock", "program and database agree")
	}
	return true
}

func side(drift time.Duration) string {
	if drift > 0 {
		return "ahead of"
	}
	return "behind"
}

const (
	sqlDoctorLetters = `SELECT lower('ЖӘҢ') = 'жәң', EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm'),
		EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')`
	sqlDoctorTrigrams = `SELECT similarity('Кофейный', 'кофейный') > 0.9`
)

// letters tests whether the database can compare Russian and Kazakh words, which depends on the locale it was made with.
func (d *doctor) letters(ctx context.Context, db *sql.DB) {
	var lowers, available, installed bool
	alike := true
	err := db.QueryRowContext(ctx, sqlDoctorLetters).Scan(&lowers, &available, &installed)
	if err == nil && installed {
		err = db.QueryRowContext(ctx, sqlDoctorTrigrams).Scan(&alike)
	}
	switch {
	case err != nil:
		d.wrong("letters", fmt.Errorf("compare words in the database: %w", err))
	case !lowers || !alike:
		d.report(problem, "letters", "the database was made with a locale that does not know Cyrillic letters: names can't be searched",
			"CREATE DATABASE govorun ENCODING 'UTF8' LC_CTYPE 'C.UTF-8' TEMPLATE template0, and name it in DATABASE_URL")
	case !available && !installed:
		d.report(problem, "letters", "the server lacks the extension pg_trgm, which searches names", "apt install postgresql-contrib (on other systems the package of that name)")
	default:
		d.ok("letters", "Russian and Kazakh words compare as they should")
	}
}

// schema compares the database's version with the program's. The connection cannot write: a database that is behind stays as
// it is.
func (d *doctor) schema(ctx context.Context, db *sql.DB) bool {
	err := migrations.Run(ctx, db)
	var newer *migrations.NewerError
	var refused interface{ SQLState() string }
	switch {
	case err == nil:
		d.ok("schema", "it is this program's own")
		return true
	case errors.As(err, &newer):
		d.report(problem, "schema", newer.Error(), "")
	case errors.As(err, &refused) && refused.SQLState() == codeReadOnly:
		d.report(warning, "schema", "the database is empty or of an older program", "none needed: govorun serve brings it up to date at its start")
	default:
		d.wrong("schema", err)
	}
	return false
}

// codeReadOnly is Postgres' code for a write in a session that may only read.
const codeReadOnly = "25006"
