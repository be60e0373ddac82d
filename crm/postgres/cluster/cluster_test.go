package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestDataSurvivesStopAndStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(openFolder(t), "new", "cluster")
	c := mustStart(t, Options{Dir: dir})
	write(t, c, "first")
	pid := c.PID()
	mustStop(t, c)
	mustStop(t, c) // a second stop is nothing
	if serves(pid, c.site.data) {
		t.Fatal("the server still runs after Stop")
	}
	c = mustStart(t, Options{Dir: dir})
	write(t, c, "second")
	if got := read(t, c); got != "first second" {
		t.Fatalf("rows after a restart: %q", got)
	}
}

func TestTheServerIsPrivateDurableAndForAnOrdinaryRole(t *testing.T) {
	t.Parallel()
	c := mustStartAsItIs(t, Options{Dir: openFolder(t)})
	for sql, want := range map[string]string{
		`SELECT current_user || ' ' || current_database()`:                                                                   "govorun govorun",
		`SELECT (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)::text FROM pg_roles WHERE rolname = current_user`: "false",
		`SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()`:                                 "govorun",
		`SELECT current_setting('listen_addresses')`:                                                                         "",
		`SELECT current_setting('server_encoding')`:                                                                          "UTF8",
		`SELECT current_setting('fsync') || current_setting('synchronous_commit') || current_setting('full_page_writes')`:    "ononon",
		`SELECT upper('дело жүргізуші')`:                                                                                     "ДЕЛО ЖҮРГІЗУШІ",
	} {
		if got := query(t, c, sql); got != want {
			t.Errorf("%s gives %q, want %q", sql, got, want)
		}
	}
	for _, folder := range []string{c.site.dir, c.site.socket, c.site.data} {
		if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("folder %s: mode %v, error %v", folder, info.Mode(), err)
		}
	}
	if uid, _, err := ownerOf(fmt.Sprintf("/proc/%d", c.PID())); err == nil && uid == 0 {
		t.Error("the server runs as root")
	}
}

func TestTheServerEndsWithAKilledProgramAndTheDataStays(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	c := mustStart(t, Options{Dir: dir})
	write(t, c, "before")
	mustStop(t, c)
	p := startProgram(t, dir)
	server := p.ready(t)
	write(t, c, "during") // the socket is where it was
	p.kill()
	c = mustStart(t, Options{Dir: dir}) // the old server is still shutting down, or has just gone
	if got := read(t, c); got != "before during" {
		t.Fatalf("rows after kill -9: %q", got)
	}
	if serves(server, c.site.data) {
		t.Fatal("the killed program's server still runs")
	}
}

func TestAKilledProgramLeavesNoServer(t *testing.T) {
	t.Parallel()
	for _, fast := range []string{"", "yes"} {
		dir := openFolder(t)
		p := startProgram(t, dir, fastEnv+"="+fast)
		server := p.ready(t)
		p.kill()
		eventually(t, "the server ends by itself", func() bool { return !serves(server, filepath.Join(dir, "data")) })
	}
}

func TestAfterProgramAndServerAreKilledTheNextStartRecovers(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	p := startProgram(t, dir)
	server := p.ready(t)
	c := &Cluster{site: site{socket: filepath.Join(dir, "run")}}
	for i := range 20 {
		write(t, c, fmt.Sprintf("%02d", i))
	}
	// The program first, stopped so that nobody reaps the server: its pid file then names a zombie.
	if err := errors.Join(p.cmd.Process.Signal(syscall.SIGSTOP), syscall.Kill(server, syscall.SIGKILL)); err != nil {
		t.Fatal(err)
	}
	p.kill()
	c = mustStart(t, Options{Dir: dir})
	if got := len(strings.Fields(read(t, c))); got != 20 {
		t.Fatalf("%d of 20 rows after a crash", got)
	}
}

func TestAKilledInitdbIsStartedOver(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	for _, depth := range []string{"PG_VERSION", filepath.Join("base", "1"), filepath.Join("global", "pg_control")} {
		p := startProgram(t, dir, preparedEnv+"=")
		eventually(t, "initdb makes "+depth, func() bool {
			m, err := filepath.Glob(filepath.Join(dir, "initdb-*", depth))
			return err == nil && len(m) > 0
		})
		p.kill()
		if exists(filepath.Join(dir, "data")) {
			t.Fatal("a half-made data folder is in place")
		}
		left, err := filepath.Glob(filepath.Join(dir, "initdb-*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range left { // so that the next round sees its own
			eventually(t, "the killed initdb's last child ends", func() bool { return os.RemoveAll(l) == nil && !exists(l) })
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "initdb-left", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	c := mustStartAsItIs(t, Options{Dir: dir})
	write(t, c, "whole")
	if left, _ := filepath.Glob(filepath.Join(dir, "initdb-*")); len(left) > 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestAFirstStartKilledBeforeTheDatabaseIsCompletedByTheNext(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	p := startProgram(t, dir, preparedEnv+"=")
	eventually(t, "the data folder is in place", func() bool { return exists(filepath.Join(dir, "data")) })
	p.kill()
	c := mustStart(t, Options{Dir: dir})
	write(t, c, "whole")
}

func TestTwoProgramsOnOneFolderGetAClearAnswer(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	p := startProgram(t, dir)
	p.ready(t)
	err := refusal(t, Options{Dir: dir}, "data folder "+dir+" is in use by process "+fmt.Sprint(p.cmd.Process.Pid), "GOVORUN_DATA")
	var inUse *InUseError
	if !errors.As(err, &inUse) || inUse.PID != p.cmd.Process.Pid {
		t.Fatalf("not an InUseError of process %d: %v", p.cmd.Process.Pid, err)
	}
	if err := Remove(context.Background(), dir); !errors.As(err, &inUse) {
		t.Fatalf("a folder in use was removed: %v", err)
	}
}

func TestTheLockOfAKilledProgramIsWaitedFor(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	s, err := openSite(dir)
	if err != nil {
		t.Fatal(err)
	}
	held, err := acquire(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	if _, err := held.WriteAt(fmt.Appendf(nil, "%-10d\n", gone.Process.Pid), 0); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(100*time.Millisecond, func() { held.Close() })
	next, err := acquire(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	release(next)
}

func TestAStalePIDFileDoesNotStopTheNextStart(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	c := mustStart(t, Options{Dir: dir, Fast: true})
	mustStop(t, c)
	zombie := exec.Command("true")
	if err := zombie.Start(); err != nil {
		t.Fatal(err)
	}
	defer zombie.Wait()
	contents := map[string]string{
		"no number":              "",
		"nobody's number":        "999999999",
		"another program's":      fmt.Sprint(os.Getpid()),
		"a dead one's, unreaped": fmt.Sprint(zombie.Process.Pid),
	}
	for name, pid := range contents {
		file := filepath.Join(c.site.data, "postmaster.pid")
		text := fmt.Sprintf("%s\n%s\n1700000000\n%s\n%s\n\n  1 2\nready   \n", pid, c.site.data, port, c.site.socket)
		if err := errors.Join(os.WriteFile(file, []byte(text), 0o600), c.site.own(file)); err != nil {
			t.Fatal(err)
		}
		c, err := Start(context.Background(), Options{Dir: dir, Fast: true})
		if err != nil {
			t.Fatalf("pid file with %s: %v", name, err)
		}
		mustStop(t, c)
	}
}

func TestALongFolderGetsAShortSocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(openFolder(t), strings.Repeat("long/", 30))
	c := mustStart(t, Options{Dir: dir, Fast: true})
	write(t, c, "fits")
	info, err := os.Stat(c.site.socket)
	if err != nil || info.Mode().Perm() != 0o700 || strings.HasPrefix(c.site.socket, c.site.dir) {
		t.Fatalf("socket folder %s: mode %v, error %v", c.site.socket, info.Mode(), err)
	}
	mustStop(t, c)
	if exists(c.site.socket) {
		t.Fatalf("socket folder %s is left behind", c.site.socket)
	}
}

func TestAServerThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	c := mustStart(t, Options{Dir: dir, Fast: true})
	mustStop(t, c)
	conf := filepath.Join(c.site.data, "postgresql.conf")
	if err := os.WriteFile(conf, []byte("no_such_setting = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refusal(t, Options{Dir: dir, Fast: true}, c.site.data, "contains errors", "postgres.log")
}

func TestDoneTellsThatTheServerEndedByItself(t *testing.T) {
	t.Parallel()
	c := mustStart(t, Options{Dir: openFolder(t), Fast: true})
	if err := syscall.Kill(c.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Done():
	case <-time.After(patience):
		t.Fatal("Done is still open")
	}
}

func TestRemoveDeletesAFolderAndEndsItsServer(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(openFolder(t), "c")
	p := startProgram(t, dir)
	server := p.ready(t)
	p.kill()
	if err := Remove(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
	if exists(dir) || serves(server, filepath.Join(dir, "data")) {
		t.Fatal("something is left")
	}
	if err := Remove(context.Background(), dir); err != nil {
		t.Fatalf("a folder that is gone: %v", err)
	}
}

func TestACopyOfAPreparedFolderIsAClusterOfItsOwn(t *testing.T) {
	t.Parallel()
	one, two := mustStart(t, Options{Dir: openFolder(t), Fast: true}), mustStart(t, Options{Dir: openFolder(t), Fast: true})
	write(t, one, "one")
	write(t, two, "two")
	if a, b := read(t, one), read(t, two); a != "one" || b != "two" {
		t.Fatalf("rows %q and %q", a, b)
	}
	if kept, _ := filepath.Glob(filepath.Join(filepath.Dir(preparedFolder(one.bin, time.Now())), "*", "PG_VERSION")); len(kept) == 0 {
		t.Fatal("nothing is kept for the next")
	}
}
