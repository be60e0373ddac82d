// Package postgres is the memory's storage: the only package that talks to the database. It opens the one in DATABASE_URL or
// a private one, brings the schema up to date, and keeps each SQL statement beside its only user.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"govorun/crm/postgres/cluster"
	"govorun/migrations"
)

// Config says which database to open.
type Config struct {
	// URL is the address of a database (DATABASE_URL); when empty, a private server is run in DataDir.
	URL string
	// Direct is the address of the same database past the pooler that URL leads through (GOVORUN_DATABASE_DIRECT), for what needs
	// a session of its own. Empty: URL leads to the server itself.
	Direct string
	// DataDir is the program's data folder (GOVORUN_DATA); the private server lives in its subfolder postgres.
	DataDir string
	// Join shares a private server that another program already runs in DataDir, instead of refusing.
	Join bool
	// Look opens a database whose schema is this program's own to look into it only: neither migrations run, nor are months made.
	Look bool
	// Log receives what happened; nil is silence.
	Log *slog.Logger
	// MaxConns is the most connections the pool opens; 0 is four, or one per processor when there are more.
	MaxConns int32
}

// DB is an open database whose schema is the program's own.
type DB struct {
	// Pool gives connections that run as a role without superuser rights, so that row-level security applies to all of them.
	Pool *pgxpool.Pool

	direct *pgx.ConnConfig // sessions of the server itself: leases, migrations, the library of WhatsApp
	reigns sync.Map        // the newest of this process, an int64, by lease

	confirmed sync.Map                        // when each lease was last found to be ours, a time.Time
	private   atomic.Pointer[cluster.Cluster] // nil when the server is somebody else's
	options   cluster.Options                 // of the private server
	met       met
	aliases   aliases

	forgotten forgottenKey
}

// Open connects, starting a private server when c.URL is empty, checks the server and migrates it. A server that is still
// starting is waited for (connectPatience). Errors are one sentence with the next step and never hold a password.
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	db := &DB{}
	url := c.URL
	if url == "" {
		c.Direct = "" // nothing lies between
		db.options = cluster.Options{Dir: filepath.Join(c.DataDir, "postgres"), Log: c.Log}
		private, err := cluster.Start(ctx, db.options)
		var used *cluster.InUseError
		switch {
		case err == nil:
			db.private.Store(private)
			url = private.DSN(cluster.Database)
		case c.Join && errors.As(err, &used):
			if url, err = cluster.Address(filepath.Join(c.DataDir, "postgres")); err != nil {
				return nil, err
			}
		default:
			return nil, err
		}
	}
	c.URL = url
	if err := db.connect(ctx, c); err != nil {
		return nil, errors.Join(hidePassword(hidePassword(err, url), c.Direct), db.Close(context.WithoutCancel(ctx)))
	}
	return db, nil
}

// connect migrates and opens the pool.
func (db *DB) connect(ctx context.Context, c Config) error {
	config, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		// The driver's own words may quote the address with the password in it.
		return fmt.Errorf("DATABASE_URL is not an address of a database: write it as postgres://user:password@host:5432/database")
	}
	if c.MaxConns > 0 {
		config.MaxConns = c.MaxConns
	}
	setName(config.ConnConfig)
	switch {
	case db.Private() != nil: // its version, encoding and role are known
		setManners(config.ConnConfig)
	case c.Direct != "":
		err = db.pass(ctx, config, c)
	default:
		setManners(config.ConnConfig)
		err = examine(ctx, config.ConnConfig)
	}
	if err != nil {
		return err
	}
	if db.Pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	if c.Look {
		return checkProtected(ctx, db.Pool)
	}
	wrapped := stdlib.OpenDBFromPool(db.Pool)
	if db.direct != nil {
		wrapped = stdlib.OpenDB(*db.direct)
	} else {
		db.direct = config.ConnConfig
	}
	if err := errors.Join(migrations.Run(ctx, wrapped), wrapped.Close()); err != nil {
		return err
	}
	if err := checkProtected(ctx, db.Pool); err != nil {
		return err
	}
	if _, err := db.KeepMonths(ctx); err != nil && !Locked(err) { // ids go on in the month before until the next look
		return err
	}
	return db.loadForgottenKey(ctx)
}

// setName tells the server who connects, unless the address does.
func setName(config *pgx.ConnConfig) {
	if _, set := config.RuntimeParams["application_name"]; !set {
		config.RuntimeParams["application_name"] = "govorun"
	}
}

// setManners makes sessions begin with our settings; those of the address go before.
func setManners(config *pgx.ConnConfig) {
	for name, value := range manners {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
}

// manners are settings of every connection.
var manners = map[string]string{
	// Statements over arrays look cheaper to plan anew each time, which costs ten times their execution (a join of seven tables:
	// 1 ms of planning, 0.1 ms of work); a plan made once is as good, all ways go by index.
	"plan_cache_mode": "force_generic_plan",
	// Such plans are made while tables are small, and stay: by index must look cheap from the beginning, and nothing here is worth
	// compiling. The private server has the same.
	"random_page_cost": "1.1", "jit": "off",
	// A chat that is locked elsewhere holds up nobody but itself, and the locks of a machine that vanished are freed soon.
	"lock_timeout": "3s", "idle_in_transaction_session_timeout": "30s",
	"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3",
}

// Ping says whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.Pool.Ping(ctx); err != nil {
		return fmt.Errorf("ask database for a sign of life: %w", err)
	}
	return nil
}

// Private is the private server behind the database, nil when the database was given by address.
func (db *DB) Private() *cluster.Cluster { return db.private.Load() }

// Revive starts the private server again after it has ended by itself, on the same address, so that connections made from now
// on find it. For a server of somebody else it does nothing.
func (db *DB) Revive(ctx context.Context) error {
	ended := db.Private()
	if ended == nil {
		return nil
	}
	_ = ended.Stop(ctx) // it has ended; this frees its folder
	fresh, err := cluster.Start(ctx, db.options)
	if err != nil {
		return fmt.Errorf("start the private database again: %w", err)
	}
	db.private.Store(fresh)
	return nil
}

// Close waits for borrowed connections, closes the pool and then stops the private server, for as long as ctx allows.
func (db *DB) Close(ctx context.Context) error {
	if db.Pool != nil {
		closed := make(chan struct{})
		go func() { db.Pool.Close(); close(closed) }()
		select {
		case <-closed:
		case <-ctx.Done(): // somebody keeps a connection; the server's stop, or the program's end, will take it away
		}
	}
	private := db.Private()
	if private == nil {
		return nil
	}
	return private.Stop(ctx)
}

// connectOnce opens a single connection and hands it to use.
func connectOnce(ctx context.Context, config *pgx.ConnConfig, use func(*pgx.Conn) error) error {
	conn, err := patientConnect(ctx, config)
	if err != nil {
		return err
	}
	return errors.Join(use(conn), conn.Close(context.WithoutCancel(ctx)))
}
