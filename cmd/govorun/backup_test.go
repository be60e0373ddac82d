package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"govorun/crm/jobs"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// backedUp is a company that was talking while its backup was made, and what became of it after that.
type backedUp struct {
	*world
	file string // the backup
}

// backUp lets a driver be paid, another one stop in the middle, and a message wait to be sent; then it makes a backup beside the program, which
// goes on: the message is sent and the talk too.
func backUp(t *testing.T) *backedUp {
	t.Helper()
	w := newSealedWorld(t)
	p := w.serve().ready()
	w.pays(101)
	boris := w.person(102, "Борис")
	w.did(boris.Start(""))
	w.sees(boris, "На какой счёт")
	w.quiet()
	beside := filepath.Join(t.TempDir(), "beside.tar.gz")
	if printed, code := runOnce(t, w.env, "backup", "-o", beside); code != 0 {
		t.Fatalf("backup beside the program gave %d: %s", code, printed)
	}
	p.stop()
	w.exec(`INSERT INTO messages (conversation_id, direction, author, kind, status, content)
		SELECT conversation_id, 'out', 'bot', kind, 'queued', content FROM messages WHERE direction = 'out' AND status = 'sent' ORDER BY id DESC LIMIT 1`)
	dir := t.TempDir()
	printed, code := runOnce(t, w.env, "backup", "-o", dir)
	p = w.serve().ready()
	if code != 0 || !strings.Contains(printed, "2 files") || !strings.Contains(printed, "master") {
		t.Fatalf("backup gave %d: %s", code, printed)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	well(t, err)
	if len(found) != 1 || !strings.HasSuffix(found[0], ".tar.gz") {
		t.Fatalf("in the folder lie %v", found)
	}
	w.did(boris.Text("kz86 125k zt50 0410 0100"))
	w.sees(boris, "ИИН")
	w.quiet()
	p.stop()
	return &backedUp{w, found[0]}
}

// elsewhere is the environment of another machine: an empty database, an empty folder, and the keys when somebody brought them.
func (b *backedUp) elsewhere(keys bool) (env []string, dsn, dir string) {
	b.t.Helper()
	dsn, dir = pgtest.Empty(b.t), b.t.TempDir()
	for _, one := range b.env {
		switch {
		case strings.HasPrefix(one, "DATABASE_URL="):
			one = "DATABASE_URL=" + dsn
		case strings.HasPrefix(one, "GOVORUN_DATA="):
			one = "GOVORUN_DATA=" + dir
		}
		env = append(env, one)
	}
	if keys {
		text, err := os.ReadFile(filepath.Join(b.data(), "keys"))
		well(b.t, err)
		well(b.t, os.WriteFile(filepath.Join(dir, "keys"), text, 0o600))
	}
	return env, dsn, dir
}

// said counts what the bot has said to everybody.
func (b *backedUp) said() int { return len(b.texts(101, "")) + len(b.texts(102, "")) }

func TestM05_YesterdaysBackupIsRestoredElsewhereNothingIsSentAgainAndTalksGoOn(t *testing.T) {
	t.Parallel()
	b := backUp(t)
	before := b.said()
	env, dsn, dir := b.elsewhere(true)
	printed, code := runOnce(t, env, "restore", b.file)
	if code != 0 || !strings.Contains(printed, "1 message") || !strings.Contains(printed, "2 files") {
		t.Fatalf("restore gave %d: %s", code, printed)
	}
	b.env, b.dsn, b.db = env, dsn, nil
	b.db = openStored(t, dsn)
	p := b.serve().ready()
	boris := b.sim.Person(102)
	b.did(boris.Text("kz86 125k zt50 0410 0100")) // he was asked for it when the backup was made
	b.becomes(1, `SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id AND c.chat = '102'
		WHERE m.direction = 'out' AND m.status = 'sent' AND m.content->>'text' LIKE '%ИИН%'`)
	b.quiet()
	if after := b.said(); after != before+1 {
		t.Errorf("the bot had said %d things, and now %d: something was sent again", before, after)
	}
	b.filesOpen(dir)
	if printed, code := runOnce(t, env, "restore", "--replace", b.file); code == 0 || !strings.Contains(printed, "stop every") {
		t.Errorf("beside a running program a restore gave %d: %s", code, printed)
	}
	p.stop()
	if printed, code := runOnce(t, env, "restore", b.file); code == 0 || !strings.Contains(printed, "--replace") {
		t.Errorf("over a database with people a restore gave %d: %s", code, printed)
	}
	if printed, code := runOnce(t, env, "restore", "--replace", b.file); code != 0 {
		t.Errorf("with --replace a restore gave %d: %s", code, printed)
	}
	b.filesOpen(dir)
}

// filesOpen checks that every file of the database is there and is what its name says.
func (b *backedUp) filesOpen(dir string) {
	b.t.Helper()
	v, err := openVault(waiting(b.t), b.db, dir)
	well(b.t, err)
	files, err := jobs.OpenFiles(filepath.Join(dir, "files"), v.ring)
	well(b.t, err)
	hashes := strings.Fields(one[string](b.world, `SELECT string_agg(hash, ' ') FROM attachments WHERE status = 'stored'`))
	if len(hashes) != 2 {
		b.t.Fatalf("there are %d files", len(hashes))
	}
	for _, hash := range hashes {
		file, err := files.Open(hash)
		well(b.t, err)
		sum := sha256.New()
		_, err = io.Copy(sum, file)
		well(b.t, errors.Join(err, file.Close()))
		if hex.EncodeToString(sum.Sum(nil)) != hash {
			b.t.Errorf("file %s holds something else", hash)
		}
	}
}

func TestM05_ABackupThatIsCutOffChangedForeignOrWithoutKeysChangesNothing(t *testing.T) {
	t.Parallel()
	b := backUp(t)
	whole, err := os.ReadFile(b.file)
	well(t, err)
	var foreign bytes.Buffer
	zip := gzip.NewWriter(&foreign)
	zip.Write([]byte("another program's file"))
	zip.Close()
	changed := bytes.Clone(whole)
	changed[len(changed)/2] ^= 0x10
	for name, it := range map[string]struct {
		bytes []byte
		keys  bool
		says  string
	}{
		"cut off":          {whole[:len(whole)*2/3], true, "ends too early"},
		"without its end":  {whole[:len(whole)-9], true, "ends too early"},
		"changed":          {changed, true, "damaged"},
		"foreign":          {foreign.Bytes(), true, "no backup of govorun"},
		"text":             {[]byte("hello"), true, "no backup of govorun"},
		"without its keys": {whole, false, "keys are not here"},
	} {
		env, dsn, dir := b.elsewhere(it.keys)
		file := filepath.Join(t.TempDir(), "backup")
		well(t, os.WriteFile(file, it.bytes, 0o600))
		printed, code := runOnce(t, env, "restore", file)
		if code != 1 || !strings.Contains(printed, it.says) {
			t.Errorf("%s: restore gave %d: %s", name, code, printed)
		}
		if _, err := os.Stat(filepath.Join(dir, "files")); err == nil {
			t.Errorf("%s: there are files", name)
		}
		db := openStored(t, dsn)
		var n int
		well(t, db.Pool.QueryRow(waiting(t), `SELECT count(*) FROM contacts`).Scan(&n))
		if n != 0 {
			t.Errorf("%s: there are people", name)
		}
	}
}

func TestABackupThatEndsInTheMiddleLeavesNothingUnderItsName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := backupCommand{Out: filepath.Join(dir, "night.tar.gz")}
	broken := errors.New("the disk is full")
	for _, fail := range []error{broken, nil} {
		_, err := c.write(nil, func(to io.Writer) error {
			_, err := to.Write([]byte("half"))
			if _, found := os.Stat(c.Out); found == nil {
				t.Error("a half file bears the name")
			}
			return errors.Join(err, fail)
		}, nil)
		if !errors.Is(err, fail) {
			t.Errorf("got %v", err)
		}
		left, err := os.ReadDir(dir)
		well(t, err)
		if want := map[bool]int{true: 0, false: 1}[fail != nil]; len(left) != want {
			t.Errorf("%d files are left, not %d", len(left), want)
		}
	}
}

func TestABackupTakesMemoryForAPieceAndNotForATable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w, err := newBackupWriter(&out, backupHeader{Format: backupFormat})
	well(t, err)
	rows := &tableWriter{to: w, table: "messages"}
	line := append(bytes.Repeat([]byte("x"), 1<<20), '\n')
	for range 20 {
		_, err := rows.Write(line)
		well(t, err)
		if rows.lines.Len() > rowsPiece+len(line) {
			t.Fatalf("%d bytes are held", rows.lines.Len())
		}
	}
	well(t, errors.Join(rows.flush(), w.close()))
	r, err := checkBackup(&out)
	well(t, err)
	if r.end.Parts != 6 {
		t.Errorf("%d parts", r.end.Parts)
	}
}

// FuzzCheckBackup: whatever a file holds, reading it ends with a sentence and never with a panic.
func FuzzCheckBackup(f *testing.F) {
	var out bytes.Buffer
	w, err := newBackupWriter(&out, backupHeader{Format: backupFormat, Contents: postgres.Contents{Schema: 1}})
	if err == nil {
		err = errors.Join(w.add("rows/contacts/000001", 2, strings.NewReader("1\n")), w.close())
	}
	if err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Add(out.Bytes()[:out.Len()/2])
	f.Add([]byte("hello"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := checkBackup(bytes.NewReader(b)); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
