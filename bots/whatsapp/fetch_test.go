package whatsapp

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"go.mau.fi/whatsmeow"

	"govorun/bots"
	"govorun/bots/whatsapp/simulator"
	"govorun/crm"
)

// sent sends a file of Ann's and gives what became of it in the inbox.
func (r *hearRig) sent(f simulator.File) crm.Media {
	r.t.Helper()
	id, err := r.ann.SendFile(r.t.Context(), shop, f)
	must(r.t, err)
	in := r.key("m:" + id)
	if len(in.Media) != 1 {
		r.t.Fatalf("got %+v", in)
	}
	return in.Media[0]
}

func TestFilesAreFetchedAsTheyWereSentWhateverTheirSize(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	for _, size := range []int{1, 15, 16, 17, openPiece - 1, openPiece, openPiece + aesTail, 3*openPiece + 5} {
		data := make([]byte, size)
		_, _ = rand.Read(data)
		media := r.sent(simulator.File{Kind: "document", Data: data, Name: "договор.pdf"})
		var got bytes.Buffer
		must(t, r.Fetch(t.Context(), media, 1<<20, &got))
		if !bytes.Equal(got.Bytes(), data) {
			t.Fatalf("%d bytes came as %d", size, got.Len())
		}
		if err := r.Fetch(t.Context(), crm.Media{Ref: media.Ref}, int64(size)-1, io.Discard); size > 1 && !errors.Is(err, bots.ErrTooLarge) {
			t.Errorf("%d bytes into less: %v", size, err)
		}
	}
	voice := r.sent(simulator.File{Kind: "voice", Data: []byte("OggS"), Seconds: 3})
	var got bytes.Buffer
	must(t, r.Fetch(t.Context(), voice, 100, &got))
	if voice.Kind != crm.Voice || voice.Duration != 3 || got.String() != "OggS" {
		t.Errorf("got %+v, %q", voice, got.String())
	}
}

// aesTail is what is held back at the end of a file while it is opened.
const aesTail = 16 + macBytes

func TestW22_AFileThatTheServerDroppedIsAskedForOnceAndThenGone(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	media := r.sent(simulator.File{Kind: "image", Data: []byte("jpeg"), Fault: simulator.MediaFault{Status: 410, Times: 1}})
	var got bytes.Buffer
	must(t, r.Fetch(t.Context(), media, 100, &got))
	if got.String() != "jpeg" {
		t.Errorf("got %q", got.String())
	}
	r.phone.MediaRetry = simulator.RetryNotFound
	media = r.sent(simulator.File{Kind: "image", Data: []byte("jpeg"), Fault: simulator.MediaFault{Status: 404}})
	err := r.Fetch(t.Context(), media, 100, io.Discard)
	if !errors.Is(err, bots.ErrGone) || strings.Contains(err.Error(), "http") {
		t.Errorf("got %v", err)
	}
}

// counted counts what is written.
type counted int64

func (c *counted) Write(p []byte) (int, error) { *c += counted(len(p)); return len(p), nil }

func TestW23_AFileWithoutEndIsCutOffAtTheLimitAndCostsNoMemory(t *testing.T) {
	r := newHearRig(t, nil)
	media := r.sent(simulator.File{Kind: "document", Data: []byte("pdf"), ClaimedLength: 1 << 10, Fault: simulator.MediaFault{Endless: true}})
	if media.Size != 1<<10 {
		t.Errorf("it says %d", media.Size)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var written counted
	err := r.Fetch(t.Context(), media, 20<<20, &written)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, bots.ErrTooLarge) || written > 20<<20 {
		t.Errorf("%d bytes, %v", written, err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 32<<20 { // the simulator's own is among it
		t.Errorf("%d MiB were allocated", grown>>20)
	}
	if err := r.Fetch(t.Context(), crm.Media{Ref: media.Ref, Size: 30 << 20}, 20<<20, &written); !errors.Is(err, bots.ErrTooLarge) {
		t.Errorf("a file that says it is too large: %v", err)
	}
}

func TestAFileThatWasChangedOnItsWayIsRefusedAndAnOfflineNumberFetchesLater(t *testing.T) {
	t.Parallel()
	r := newHearRig(t, nil)
	media := r.sent(simulator.File{Kind: "image", Data: bytes.Repeat([]byte("jpeg"), 1000), Fault: simulator.MediaFault{Corrupt: true}})
	if err := r.Fetch(t.Context(), media, 1<<20, io.Discard); !errors.Is(err, errDamaged) {
		t.Errorf("got %v", err)
	}
	for _, ref := range []string{"", "{}", "[", `{"p":"//evil.example/x","k":"AQ=="}`} {
		if err := r.Fetch(t.Context(), crm.Media{Kind: crm.Photo, Ref: ref}, 1<<20, io.Discard); !errors.Is(err, bots.ErrGone) {
			t.Errorf("%q: %v", ref, err)
		}
	}
	r.client.Store((*whatsmeow.Client)(nil))
	var later *crm.SendError
	if err := r.Fetch(context.Background(), media, 1<<20, io.Discard); !errors.As(err, &later) {
		t.Errorf("got %v", err)
	}
}
