// Package cluster runs a private Postgres for one program: it finds or downloads the server, makes a data folder, starts the
// server on a unix socket in a folder only its owner may enter, and stops it with the program. It knows processes, folders
// and the two facts every database of ours needs (role and database govorun, C.UTF-8); it knows no table.
//
// The server never outlives the program: on Linux the kernel stops it even after kill -9, elsewhere the next start does.
package cluster

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// Role is the application's database user: it may log in, owns Database, and is no superuser, since row-level
	// security does not apply to superusers.
	Role = "govorun"
	// Database is the application's database, made from template0 with the locale C.UTF-8.
	Database = "govorun"

	superuser = "postgres"

	usualConnections = 64
	port             = "5432" // only names the socket file; nothing listens on a network
)

// Options says where a private cluster lives and how it is run.
type Options struct {
	// Dir is the folder that belongs to the cluster: data, log, lock and socket are inside. It is made when missing.
	Dir string
	// Log receives what happened (first start, recovery, stop); nil is silence.
	Log *slog.Logger
	// Fast trades durability for speed and is for tests only: nothing is synced, and a stop is immediate.
	Fast bool
	// Prepared copies a new data folder from one that initdb made earlier, kept among temporary files, and is for tests only.
	Prepared bool
	// Connections is how many clients the server takes at once; 64 when zero.
	Connections int
	// Fetch brings server programs of a major version (0: any) into a folder, as a subfolder with bin in it, when the machine
	// has none; nil is Download.
	Fetch func(ctx context.Context, major int, dir string) error

	folders []string // where to look for server programs besides PATH; nil is distributionFolders
}

// Cluster is a running private Postgres. Its methods may be called from several goroutines.
type Cluster struct {
	site   site
	bin    Binaries
	fast   bool
	most   int // connections
	log    *slog.Logger
	lock   *os.File
	server *process

	stopOnce sync.Once
	stopErr  error
}

// Start gives a running Postgres in o.Dir whose database and role are ready. It initialises the folder when it is new,
// recovers it after a crash, and returns an error of one sentence with the next step when it cannot. ctx bounds the start only.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Fetch == nil {
		o.Fetch = Download
	}
	if o.folders == nil {
		o.folders = distributionFolders()
	}
	began := time.Now()
	s, err := openSite(o.Dir)
	if err != nil {
		return nil, err
	}
	lock, err := acquire(ctx, s)
	if err != nil {
		return nil, err
	}
	c := &Cluster{site: s, fast: o.Fast, most: cmp.Or(o.Connections, usualConnections), log: o.Log, lock: lock}
	if err := c.start(ctx, o); err != nil {
		if c.server != nil {
			c.server.kill()
		}
		release(lock)
		return nil, err
	}
	c.log.Info("postgres started", "dir", s.dir, "major", c.bin.Major, "pid", c.PID(), "took", time.Since(began))
	return c, nil
}

// start does the work of Start while the folder is locked.
func (c *Cluster) start(ctx context.Context, o Options) error {
	major, err := c.site.major()
	if err != nil {
		return err
	}
	if c.bin, err = provide(ctx, c.site, major, o); err != nil {
		return err
	}
	if major == 0 {
		if err := initialise(ctx, c.site, c.bin, o); err != nil {
			return err
		}
	} else if err := c.stopOrphan(ctx); err != nil {
		return err
	}
	if c.server, err = c.launch(ctx); err != nil {
		return err
	}
	return c.ensureDatabase(ctx)
}

// DSN gives the address of a database of this cluster for the application's role, as a URL that pgx and libpq accept.
func (c *Cluster) DSN(database string) string { return c.dsn(Role, database) }

// AdminDSN gives the address of a database of this cluster for its superuser: for creating databases, never for the
// application's own work.
func (c *Cluster) AdminDSN(database string) string { return c.dsn(superuser, database) }

func (c *Cluster) dsn(role, database string) string {
	// Port and sslmode are spelt out, or PGPORT and PGSSLMODE of the environment would change them.
	q := url.Values{"host": {c.site.socket}, "port": {port}, "sslmode": {"disable"}}
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + database, RawQuery: q.Encode()}
	return u.String()
}

// PID is the process id of the server (the postmaster).
func (c *Cluster) PID() int { return c.server.pid() }

// Major is the server's major version.
func (c *Cluster) Major() int { return c.bin.Major }

// Dir is the absolute folder of the cluster, with symlinks followed.
func (c *Cluster) Dir() string { return c.site.dir }

// Done is closed when the server has ended, whether by Stop or by itself.
func (c *Cluster) Done() <-chan struct{} { return c.server.done }

// Stop ends the server and frees the folder. It waits for a clean shutdown as long as ctx and shutdownPatience allow, then
// ends it the hard way, which loses nothing: the next start recovers. Later calls give the first one's result.
func (c *Cluster) Stop(ctx context.Context) error {
	c.stopOnce.Do(func() {
		c.stopErr = c.shutDown(ctx)
		c.site.leave()
		release(c.lock)
		c.log.Info("postgres stopped", "dir", c.site.dir)
	})
	return c.stopErr
}

// Remove deletes a cluster's folder after ending a server that was left running in it. It refuses a folder that a program
// is using (InUseError); a folder that does not exist is fine.
func Remove(ctx context.Context, dir string) error {
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		return nil
	}
	s, err := openSite(dir)
	if err != nil {
		return err
	}
	lock, err := acquire(ctx, s)
	if err != nil {
		return err
	}
	defer release(lock)
	c := &Cluster{site: s, log: slog.New(slog.DiscardHandler)}
	if err := c.stopOrphan(ctx); err != nil {
		return err
	}
	s.leave()
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("delete data folder %s: %w", filepath.Clean(dir), err)
	}
	return nil
}
