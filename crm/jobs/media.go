package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"sync"
	"syscall"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

const (
	// mediaWorkers is small, so that turns come first.
	mediaWorkers = 2
	// mediaClaim files are taken at a time, mediaGather after the first of a burst; mediaMark is how often what was fetched is marked.
	mediaClaim  = 16
	mediaGather = 100 * time.Millisecond
	mediaMark   = 100 * time.Millisecond
	// mediaRest is how many times as long as its last file a worker rests while people are being answered, at most maxRest.
	mediaRest = 4
	maxRest   = 20 * time.Millisecond
	// mediaTick is how often the table is looked at for files whose time has come.
	mediaTick = 5 * time.Second
	// mediaLease is how long a claimed file is left alone; fetchTime, the most a download may take, is well below.
	mediaLease = 3 * time.Minute
	fetchTime  = time.Minute
	// maxFetches is how often a file is tried, firstPause and lastPause the delays after the first failure and after many.
	maxFetches = 8
	firstPause = time.Second
	lastPause  = 10 * time.Minute
	// storePause is when to look again whether the disk has room, or the account its token.
	storePause = time.Minute
)

// Sizes in bytes above which a file is refused. Telegram gives bots no more than 20 MB (Bot API, getFile).
const (
	maxFile    = 20 << 20
	maxSticker = 1 << 20
)

// Fetcher downloads what a crm.Media refers to: at most limit bytes, then it fails with MediaConfig.TooLarge.
type Fetcher interface {
	Fetch(ctx context.Context, media crm.Media, limit int64, to io.Writer) error
}

// MediaConfig is what fetching files needs. Fetcher gives that of the channel of an address, nil when it has none. Gone and TooLarge are the errors of the
// fetchers for a file that the provider no longer has, and for one larger than the limit.
type MediaConfig struct {
	Fetcher  func(channel string) Fetcher
	Gone     error
	TooLarge error
	Log      *slog.Logger
	Rand     func() float64            // from 0 to 1
	OnAlert  func(kind, detail string) // must not block
	Busy     func() bool               // people are being answered: files give way
}

// Kinds of alert of Media.
const (
	AlertStoreDown = "file_store" // files can't be stored: the disk is full or the folder away; they wait
	AlertStoreBack = "file_store_back"
	AlertDeadFile  = "dead_file"
)

// Media fetches the files that came in, after the turn that mentioned them: each is written once into Files, under its hash.
// Any number of processes may do so for one database, when they share the folder.
type Media struct {
	db    *postgres.DB
	files *Files
	c     MediaConfig
	poke  chan struct{}

	mu   sync.Mutex
	down bool // the store of files is
}

// NewMedia gives the fetcher of files.
func NewMedia(db *postgres.DB, files *Files, c MediaConfig) *Media {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Rand == nil {
		c.Rand = rand.Float64
	}
	if c.Busy == nil {
		c.Busy = func() bool { return false }
	}
	if c.OnAlert == nil {
		c.OnAlert = func(string, string) {}
	}
	return &Media{db: db, files: files, c: c, poke: make(chan struct{}, 1)}
}

// Poke says that a file came in just now. It never blocks.
func (m *Media) Poke() {
	select {
	case m.poke <- struct{}{}:
	default:
	}
}

// Run fetches files until ctx ends. A download under way is broken off then and begins anew later.
func (m *Media) Run(ctx context.Context) error {
	tick := time.NewTicker(mediaTick)
	defer tick.Stop()
	for ctx.Err() == nil {
		n, err := m.RunDue(ctx)
		if err != nil && ctx.Err() == nil {
			m.c.Log.Warn("media_claim", "error", err.Error())
		}
		if n > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-m.poke:
			select { // files come in bursts: one look at the table for all of them
			case <-ctx.Done():
			case <-time.After(mediaGather):
			}
		}
	}
	return nil
}

// RunDue fetches one small group of files that are due and gives their number.
func (m *Media) RunDue(ctx context.Context) (int, error) {
	m.mu.Lock()
	claim := mediaClaim
	if m.down {
		claim = 1 // to see whether the store works again
	}
	m.mu.Unlock()
	claimed, err := m.db.ClaimAttachments(ctx, claim, mediaLease)
	if err != nil {
		return 0, err
	}
	places := make(chan struct{}, mediaWorkers)
	fetched := make(chan postgres.StoredFile, len(claimed))
	go func() {
		for _, a := range claimed {
			places <- struct{}{}
			go func() {
				begun := time.Now()
				fetched <- m.fetchOne(ctx, a)
				m.giveWay(ctx, time.Since(begun))
				<-places
			}()
		}
	}()
	mark := time.NewTicker(mediaMark)
	defer mark.Stop()
	var ready []postgres.StoredFile
	for left := len(claimed); left > 0; {
		select {
		case f := <-fetched:
			left--
			if f.ID != 0 {
				ready = append(ready, f)
			}
		case <-mark.C:
			m.mark(ctx, ready)
			ready = nil
		}
	}
	m.mark(ctx, ready)
	return len(claimed), nil
}

// giveWay rests after a file that took so long, while people are being answered.
func (m *Media) giveWay(ctx context.Context, took time.Duration) {
	if !m.c.Busy() {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(min(mediaRest*took, maxRest)):
	}
}

// fetchOne fetches a file and gives what is to be marked. What failed is settled at once, and gives no file.
func (m *Media) fetchOne(ctx context.Context, a postgres.Attachment) postgres.StoredFile {
	stored, err := m.fetch(ctx, a)
	if err == nil {
		m.storeWorks(true, nil)
		m.c.Log.Debug("media_stored", "turn", int64(a.Message), "attachment", int64(a.ID))
		stored.ID = a.ID
		return stored
	}
	if err := m.settle(context.WithoutCancel(ctx), a, err); err != nil {
		m.c.Log.Warn("media_settle", "turn", int64(a.Message), "attachment", int64(a.ID), "error", err.Error())
	}
	return postgres.StoredFile{}
}

// mark records the files that are there. One that can't be marked is fetched again when its claim runs out.
func (m *Media) mark(ctx context.Context, files []postgres.StoredFile) {
	if len(files) == 0 {
		return
	}
	if err := m.db.AttachmentsStored(context.WithoutCancel(ctx), files); err != nil {
		m.c.Log.Warn("media_mark", "files", len(files), "error", err.Error())
	}
}

// limit is how large a file of this kind may be.
func limit(kind crm.MediaKind) int64 {
	if kind == crm.Sticker {
		return maxSticker
	}
	return maxFile
}

// storeError is a failure of our own store, which is no fault of the file.
type storeError struct{ error }

func (e storeError) Unwrap() error { return e.error }

// fetch downloads, inspects and stores one file. A fetcher that panics is one that failed.
func (m *Media) fetch(ctx context.Context, a postgres.Attachment) (stored postgres.StoredFile, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("fetcher of %s panicked: %T", a.Address.Channel, p)
		}
	}()
	max := limit(a.Media.Kind)
	if a.Media.Size > max {
		return stored, RefusedSize // not even tried
	}
	fetcher := m.c.Fetcher(a.Address.Channel)
	if fetcher == nil {
		return stored, fmt.Errorf("channel %s does not fetch files", a.Address.Channel)
	}
	draft := m.files.Draft(max)
	defer draft.Discard()
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	clean := forgetPlace(draft)
	if err = fetcher.Fetch(ctx, a.Media, max, clean); err == nil {
		err = clean.Close()
	}
	switch {
	case errors.Is(draft.Err(), ErrFull):
		return stored, RefusedSize
	case draft.Err() != nil:
		return stored, storeError{draft.Err()}
	case err != nil:
		return stored, err
	}
	r, err := draft.Reader()
	if err != nil {
		return stored, storeError{err}
	}
	is, err := inspect(r)
	if err != nil {
		return stored, err
	}
	hash, err := draft.Keep()
	if err != nil {
		return stored, storeError{err}
	}
	return postgres.StoredFile{Hash: hash, MIME: is.mime, Size: draft.Size(), Width: is.width, Height: is.height}, nil
}

// settle records why a file is not there.
func (m *Media) settle(ctx context.Context, a postgres.Attachment, err error) error {
	var refusal Refusal
	var send *crm.SendError
	switch {
	case storeFailed(err):
		m.storeWorks(false, err)
		return m.db.DelayAttachment(ctx, a.ID, storePause, "store", false)
	case errors.As(err, &refusal):
		return m.db.AttachmentRefused(ctx, a.ID, string(refusal))
	case m.c.TooLarge != nil && errors.Is(err, m.c.TooLarge):
		return m.db.AttachmentRefused(ctx, a.ID, string(RefusedSize))
	case m.c.Gone != nil && errors.Is(err, m.c.Gone):
		return m.db.AttachmentGone(ctx, a.ID, "gone")
	case errors.As(err, &send) && (send.Policy == crm.Wait || send.Policy == crm.BadSetup):
		return m.db.DelayAttachment(ctx, a.ID, max(send.After, waitFor(send.Policy)), send.Reason, false)
	case errors.Is(err, context.Canceled): // we stop
		return m.db.DelayAttachment(ctx, a.ID, 0, "stopped", false)
	case a.Attempts >= maxFetches:
		m.c.OnAlert(AlertDeadFile, fmt.Sprintf("attachment %d", a.ID))
		return m.db.BuryAttachment(ctx, a, "unavailable", err)
	}
	m.c.Log.Info("media_retry", "turn", int64(a.Message), "attachment", int64(a.ID), "attempt", a.Attempts, "error", err.Error())
	return m.db.DelayAttachment(ctx, a.ID, pause(a.Attempts, m.c.Rand()), "unavailable", true)
}

// waitFor is the least pause of a policy that spends no attempt.
func waitFor(p crm.Policy) time.Duration {
	if p == crm.BadSetup {
		return storePause
	}
	return time.Second
}

// storeFailed says that the fault lies with our disk or folder, not with the file or its provider.
func storeFailed(err error) bool {
	var own storeError
	return errors.As(err, &own) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, fs.ErrPermission)
}

// storeWorks raises one alert when the store fails and one when it works again.
func (m *Media) storeWorks(works bool, err error) {
	m.mu.Lock()
	changed := m.down == works
	m.down = !works
	m.mu.Unlock()
	switch {
	case !changed:
	case works:
		m.c.OnAlert(AlertStoreBack, "")
	default:
		m.c.Log.Error("media_store", "error", err.Error())
		m.c.OnAlert(AlertStoreDown, "files that came in can't be stored: free space on the disk of the data folder")
	}
}

// pause is the delay after so many attempts, a quarter more or less by chance.
func pause(attempts int, chance float64) time.Duration {
	delay := float64(firstPause) * float64(int64(1)<<max(0, min(attempts-1, 30)))
	return time.Duration(min(float64(lastPause), delay*(0.75+0.5*chance)))
}
