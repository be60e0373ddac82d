package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// pooler is a pgbouncer of a test's own in front of the database of a world.
type pooler struct {
	address string // to put into DATABASE_URL
	named   bool   // it keeps prepared statements
}

// pgbouncerProgram finds pgbouncer. Like the browser of the page's tests it has to be there: what is promised of it is tested nowhere else.
func pgbouncerProgram(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer", "/usr/local/bin/pgbouncer"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no pgbouncer on this machine, and the promises behind one are tested with a real one: apt-get install pgbouncer (.ci/run does it as root)")
	return ""
}

// pooled puts a pgbouncer in front of a database: pool_mode transaction, so many connections of the server.
func pooled(t *testing.T, dsn string, connections int, settings ...string) *pooler {
	t.Helper()
	program := pgbouncerProgram(t)
	direct, err := pgx.ParseConfig(dsn)
	well(t, err)
	dir, err := os.MkdirTemp("", "govorun-pgbouncer-")
	well(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	listens := freeAddress(t)
	host, port, _ := strings.Cut(listens, ":")
	version, err := exec.Command(program, "--version").Output()
	well(t, err)
	p := &pooler{named: keepsStatements(string(version))}
	if p.named { // older ones refuse a setting that they do not know
		settings = append(settings, "max_prepared_statements = 200")
	}
	ini := fmt.Sprintf(`[databases]
%[1]s = host=%[2]s port=%[3]d dbname=%[1]s user=%[4]s
[pgbouncer]
listen_addr = %[5]s
listen_port = %[6]s
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = %[7]d
max_client_conn = 500
%[8]s
`, direct.Database, direct.Host, direct.Port, direct.User, host, port, connections, strings.Join(settings, "\n"))
	file := filepath.Join(dir, "pgbouncer.ini")
	well(t, os.WriteFile(file, []byte(ini), 0o644))
	well(t, os.Chmod(dir, 0o755))
	args := []string{file}
	if os.Geteuid() == 0 { // it refuses root, like the server, into whose folder it must look
		owner, err := exec.Command("stat", "-c", "%U", direct.Host).Output()
		well(t, err)
		args = []string{"-u", strings.TrimSpace(string(owner)), file}
	}
	cmd := exec.Command(program, args...)
	out := &output{}
	cmd.Stdout, cmd.Stderr = out, out
	well(t, cmd.Start())
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("pgbouncer printed:\n%s", lastLines(out.String(), 20))
		}
	})
	u := url.URL{Scheme: "postgres", User: url.User(direct.User), Host: listens, Path: "/" + direct.Database, RawQuery: "sslmode=disable"}
	p.address = u.String()
	until(t, "pgbouncer answers", func() bool {
		select {
		case <-ended:
			t.Fatalf("pgbouncer ended:\n%s", out.String())
		default:
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		conn, err := pgx.Connect(ctx, p.address)
		if err == nil {
			conn.Close(context.Background())
		}
		return err == nil
	})
	return p
}

// keepsStatements tells whether this version, as it names itself, can keep prepared statements: 1.21 and newer do.
func keepsStatements(version string) bool {
	first, _, _ := strings.Cut(version, "\n")
	numbers := strings.Split(strings.TrimPrefix(first, "PgBouncer "), ".")
	if len(numbers) < 2 {
		return false
	}
	minor, err := strconv.Atoi(numbers[1])
	return err == nil && (numbers[0] != "1" || minor >= 21)
}
