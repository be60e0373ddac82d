package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm/postgres/testroom"
)

// childEnv makes the test binary a program that holds a cluster in the named folder until it is killed.
const childEnv = "GOVORUN_CLUSTER_TEST_DIR"

// preparedEnv makes that program copy its data folder from a prepared one, where the test is about something else than a first start.
const preparedEnv = "GOVORUN_CLUSTER_TEST_PREPARED"

// fastEnv makes that program start its server without durability, as test binaries do.
const fastEnv = "GOVORUN_CLUSTER_TEST_FAST"

func TestMain(m *testing.M) {
	dir := os.Getenv(childEnv)
	if dir == "" {
		os.Exit(m.Run())
	}
	c, err := Start(context.Background(), Options{Dir: dir, Fast: os.Getenv(fastEnv) != "", Prepared: os.Getenv(preparedEnv) != ""})
	if err != nil {
		fmt.Println("refused", err)
		os.Exit(1)
	}
	fmt.Println("ready", c.PID())
	<-c.Done()
}

// patience bounds every wait, on a machine that runs other tests too.
const patience = 2 * time.Minute

// program is a child that holds a cluster.
type program struct {
	cmd *exec.Cmd
	out *bufio.Scanner
}

func startProgram(t *testing.T, dir string, env ...string) *program {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), childEnv+"="+dir, preparedEnv+"=yes"), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	p := &program{cmd: cmd, out: bufio.NewScanner(out)}
	t.Cleanup(p.kill)
	return p
}

// ready waits for the program's server and gives its process id.
func (p *program) ready(t *testing.T) (server int) {
	t.Helper()
	if !p.out.Scan() {
		t.Fatal("the program ended without a word")
	}
	if _, err := fmt.Sscanf(p.out.Text(), "ready %d", &server); err != nil {
		t.Fatalf("the program says %q", p.out.Text())
	}
	return server
}

// kill ends the program like kill -9 does; a second time it does nothing.
func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// mustStart starts a cluster, a new one with a copy of a prepared data folder.
func mustStart(t testing.TB, o Options) *Cluster {
	t.Helper()
	o.Prepared = o.Fetch == nil && o.folders == nil
	return mustStartAsItIs(t, o)
}

// mustStartAsItIs starts a cluster exactly so.
func mustStartAsItIs(t testing.TB, o Options) *Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := Start(ctx, o)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	return c
}

func mustStop(t testing.TB, c *Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		t.Fatalf("stop: %v", err)
	}
}

// refusal starts a cluster that must not start, and checks what the one sentence says.
func refusal(t *testing.T, o Options, parts ...string) error {
	t.Helper()
	c, err := Start(context.Background(), o)
	if err == nil {
		mustStop(t, c)
		t.Fatal("it started")
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the sentence does not say %q: %v", part, err)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %v", err)
	}
	return err
}

// write stores a row as the application's role, read gives all rows.
func write(t *testing.T, c *Cluster, row string) {
	t.Helper()
	query(t, c, `CREATE TABLE IF NOT EXISTS kept (row text)`)
	query(t, c, `INSERT INTO kept VALUES ($1)`, row)
}

func read(t *testing.T, c *Cluster) string {
	t.Helper()
	return query(t, c, `SELECT coalesce(string_agg(row, ' ' ORDER BY row), '') FROM kept`)
}

// query runs a statement and gives its first value as text.
func query(t *testing.T, c *Cluster, sql string, args ...any) (value string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.DSN(Database))
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, sql, args...).Scan(&value)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// openFolder is a temporary folder that every user may enter; the testing package's own are closed to all but the tester.
func openFolder(t testing.TB) string {
	t.Helper()
	return testroom.Folder(t)
}

// eventually waits for something outside this process, which sends no signal.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for until := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// asNobody runs this test binary as the user nobody, from a folder that nobody can reach.
func asNobody(t *testing.T, args ...string) ([]byte, error) {
	t.Helper()
	program := filepath.Join(openFolder(t), "test")
	b, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(program, b, 0o755)
	}
	if err == nil {
		err = os.CopyFS(filepath.Join(filepath.Dir(program), "testdata"), os.DirFS("testdata"))
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = filepath.Dir(program)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	return cmd.CombinedOutput()
}
