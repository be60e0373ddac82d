package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/jobs"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

var (
	ctx         = context.Background()
	errGone     = errors.New("gone")
	errTooLarge = errors.New("too large")
)

// fetcher gives files by their ref, or fails.
type fetcher struct {
	mu    sync.Mutex
	files map[string][]byte
	fails map[string]error
	calls int
}

func (f *fetcher) Fetch(_ context.Context, media crm.Media, limit int64, to io.Writer) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if err := f.fails[media.Ref]; err != nil {
		return err
	}
	if media.Ref == "panic" {
		panic("nil map")
	}
	if _, err := to.Write(f.files[media.Ref]); err != nil {
		return fmt.Errorf("download: %v", err) // a library that swallows what the writer said
	}
	return nil
}

type house struct {
	t      *testing.T
	db     *postgres.DB
	dir    string
	files  *jobs.Files
	media  *jobs.Media
	alerts []string
	mu     sync.Mutex
	*fetcher
}

func newHouse(t *testing.T) *house {
	h := &house{t: t, db: pgtest.New(t), dir: filepath.Join(t.TempDir(), "files"), fetcher: &fetcher{files: map[string][]byte{}, fails: map[string]error{}}}
	var err error
	if h.files, err = jobs.OpenFiles(h.dir, testRing(t)); err != nil {
		t.Fatal(err)
	}
	h.media = jobs.NewMedia(h.db, h.files, jobs.MediaConfig{
		Fetcher: func(string) jobs.Fetcher { return h.fetcher }, Gone: errGone, TooLarge: errTooLarge,
		Rand: func() float64 { return 0.5 },
		OnAlert: func(kind, _ string) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.alerts = append(h.alerts, kind)
		},
	})
	h.exec(`INSERT INTO conversations (id, channel, chat) VALUES (7, 'telegram', '7')`)
	return h
}

func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.db.Pool.Exec(ctx, sql, args...); err != nil {
		h.t.Fatal(err)
	}
}

// add writes a file that came in.
func (h *house) add(ref string, size int64) (id crm.AttachmentID) {
	h.t.Helper()
	err := h.db.Pool.QueryRow(ctx, `INSERT INTO attachments (conversation_id, message_id, kind, ref, file_name, size, status)
		VALUES (7, 1, 'document', $1, '../../CON.jpg', $2, 'pending') RETURNING id`, ref, size).Scan(&id)
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// work fetches all that is due.
func (h *house) work() {
	h.t.Helper()
	for {
		n, err := h.media.RunDue(ctx)
		if err != nil {
			h.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

type row struct {
	status, reason, hash, mime string
	attempts, width            int
	wait                       time.Duration
}

func (h *house) row(id crm.AttachmentID) (r row) {
	h.t.Helper()
	var seconds float64
	err := h.db.Pool.QueryRow(ctx, `SELECT status, coalesce(reason, ''), coalesce(hash, ''), mime, attempts, width,
		extract(epoch FROM next_at - now())::float8 FROM attachments WHERE id = $1`, id).
		Scan(&r.status, &r.reason, &r.hash, &r.mime, &r.attempts, &r.width, &seconds)
	if err != nil {
		h.t.Fatal(err)
	}
	r.wait = time.Duration(seconds * float64(time.Second))
	return r
}

func (h *house) want(id crm.AttachmentID, status, reason string) row {
	h.t.Helper()
	r := h.row(id)
	if r.status != status || r.reason != reason {
		h.t.Fatalf("attachment is %+v, want %s %s", r, status, reason)
	}
	return r
}

func photo(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestX11_AFileIsStoredOnceUnderItsHashReadableByUsOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.fetcher.files["a"] = photo(t, 64, 48)
	h.fetcher.files["b"] = h.fetcher.files["a"]
	one, two := h.add("a", 0), h.add("b", 0)
	h.work()
	r := h.want(one, "stored", "")
	if again := h.want(two, "stored", ""); again.hash != r.hash || r.mime != "image/jpeg" || r.width != 64 {
		t.Fatalf("rows %+v and %+v", r, again)
	}
	f, err := h.files.Open(r.hash)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := io.ReadAll(f)
	if err != nil || !bytes.Equal(got, h.fetcher.files["a"]) {
		t.Fatalf("stored %d bytes, %v", len(got), err)
	}
	var names []string
	_ = filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		info, _ := d.Info()
		if want := map[bool]fs.FileMode{true: 0o700, false: 0o600}[d.IsDir()]; info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		if !d.IsDir() {
			names = append(names, filepath.Base(filepath.Dir(path))+filepath.Base(path))
		}
		return err
	})
	if len(names) != 1 || names[0] != r.hash {
		t.Fatalf("files %q, want the hash alone", names)
	}
}

func TestX11_NoNameFromOutsideReachesAPath(t *testing.T) {
	t.Parallel()
	files, err := jobs.OpenFiles(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{"", "..", "../../etc/passwd", strings.Repeat("../", 22), strings.Repeat("A", 64), strings.Repeat("a", 63) + "/"} {
		if f, err := files.Open(hash); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Open(%q) = %v, %v", hash, f, err)
		}
	}
}

func TestX14_AFileOf21MBIsNotEvenTriedAndOneThatLiesIsCutOff(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	known := h.add("big", 21<<20)
	h.work()
	h.want(known, "refused", "too_large")
	if h.calls != 0 {
		t.Fatalf("%d downloads", h.calls)
	}
	h.fetcher.files["lies"] = make([]byte, 20<<20+1)
	lies := h.add("lies", 1000)
	h.fetcher.fails["says so"] = fmt.Errorf("fetch: %w", errTooLarge)
	says := h.add("says so", 0)
	h.work()
	h.want(lies, "refused", "too_large")
	h.want(says, "refused", "too_large")
}

func TestAFileThatFailsEightTimesBecomesADeadLetterThatCanBeReplayed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.fetcher.fails["a"] = errors.New("connection reset")
	id := h.add("a", 0)
	for n := 1; n <= 8; n++ {
		h.work()
		if n < 8 {
			r := h.want(id, "pending", "unavailable")
			if want := time.Duration(1<<(n-1)) * time.Second; r.attempts != n || r.wait < want-want/10-time.Second/10 || r.wait > want {
				t.Fatalf("after %d attempts %+v, want a pause of %v", n, r, want)
			}
			h.exec(`UPDATE attachments SET next_at = now() WHERE status = 'pending'`)
		}
	}
	h.want(id, "failed", "unavailable")
	letters, err := h.db.DeadLetters(ctx, postgres.DeadFilter{Source: postgres.DeadMedia})
	if err != nil || len(letters) != 1 || letters[0].Attempts != 8 || len(h.alerts) != 1 {
		t.Fatalf("letters %+v, %v, alerts %v", letters, err, h.alerts)
	}
	h.fetcher.fails["a"] = nil
	h.fetcher.files["a"] = photo(t, 8, 8)
	if err := h.db.ReplayDead(ctx, letters[0].ID); err != nil {
		t.Fatal(err)
	}
	h.work()
	h.want(id, "stored", "")
}

func TestAGoneFileFailsAtOnceAWaitSpendsNoAttemptAndAPanicIsAFailure(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.fetcher.fails["gone"] = fmt.Errorf("fetch: %w", errGone)
	h.fetcher.fails["flood"] = &crm.SendError{Policy: crm.Wait, Reason: "flood", After: 30 * time.Second, Err: errors.New("429")}
	gone, flood, panics := h.add("gone", 0), h.add("flood", 0), h.add("panic", 0)
	h.work()
	h.want(gone, "failed", "gone")
	if r := h.want(flood, "pending", "flood"); r.attempts != 0 || r.wait < 25*time.Second {
		t.Fatalf("%+v, want 30 s and no attempt", r)
	}
	h.want(panics, "pending", "unavailable")
}

func TestM06_OnAFullDiskFilesStayPendingWithOneAlertAndAreStoredLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.fetcher.fails["a"] = fmt.Errorf("write: %w", syscall.ENOSPC)
	h.fetcher.fails["b"] = h.fetcher.fails["a"]
	a, b := h.add("a", 0), h.add("b", 0)
	for range 10 {
		h.work()
		h.exec(`UPDATE attachments SET next_at = now() WHERE status = 'pending'`)
	}
	for _, id := range []crm.AttachmentID{a, b} {
		if r := h.want(id, "pending", "store"); r.attempts != 0 {
			t.Fatalf("%+v, want no attempt spent", r)
		}
	}
	if len(h.alerts) != 1 || h.alerts[0] != jobs.AlertStoreDown {
		t.Fatalf("alerts %v, want one", h.alerts)
	}
	h.fetcher.fails = map[string]error{}
	h.fetcher.files["a"], h.fetcher.files["b"] = photo(t, 8, 8), photo(t, 9, 9)
	h.work()
	h.want(a, "stored", "")
	h.want(b, "stored", "")
	if len(h.alerts) != 2 {
		t.Fatalf("alerts %v, want one that it works again", h.alerts)
	}
}

func TestM06_AFolderThatIsAwayIsTheStoresFault(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.fetcher.files["a"] = photo(t, 8, 8)
	id := h.add("a", 0)
	if err := os.RemoveAll(h.dir); err != nil {
		t.Fatal(err)
	}
	h.work()
	if r := h.want(id, "pending", "store"); r.attempts != 0 || h.calls > 1 { // one download finds out
		t.Fatalf("%+v after %d downloads", r, h.calls)
	}
}

func TestTwoProcessesNeverClaimTheSameFileAndADeadOnesClaimComesBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range 40 {
		h.add(fmt.Sprint(i), 0)
	}
	var mu sync.Mutex
	seen := map[crm.AttachmentID]int{}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for {
				claimed, err := h.db.ClaimAttachments(ctx, 3, time.Minute)
				if err != nil || len(claimed) == 0 {
					return
				}
				mu.Lock()
				for _, a := range claimed {
					seen[a.ID]++
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("attachment %d claimed %d times", id, n)
		}
	}
	if len(seen) != 40 {
		t.Errorf("%d claimed, want 40", len(seen))
	}
	h.exec(`UPDATE attachments SET next_at = next_at - interval '1 minute'`) // the minute passes
	if back, err := h.db.ClaimAttachments(ctx, 100, time.Minute); err != nil || len(back) != 40 || back[0].Attempts != 2 {
		t.Errorf("%d came back, %v", len(back), err)
	}
}

func TestPokeFetchesAtOnceAndRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.fetcher.files["a"] = photo(t, 8, 8)
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- h.media.Run(run) }()
	id := h.add("a", 0)
	h.media.Poke()
	deadline := time.After(4 * time.Second) // before the tick
	for h.row(id).status != "stored" {
		select {
		case <-deadline:
			t.Fatalf("still %+v", h.row(id))
		default:
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
