package seal_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"pgregory.net/rapid"

	"govorun/crm/seal"
)

func sealedFile(t interface{ Fatal(...any) }, r *seal.Ring, plain []byte) []byte {
	var out bytes.Buffer
	w, err := r.NewWriter(&out)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7 >> 3)
	}
	return b
}

// sizes are around the bounds of chunks.
var sizes = []int{0, 1, 15, 64<<10 - 1, 64 << 10, 64<<10 + 1, 128 << 10, 200_000}

func TestX20_AFileComesBackAndItsBytesAreNowhereOnDisk(t *testing.T) {
	r := ring(t, 1)
	for _, size := range sizes {
		plain := pattern(size)
		closed := sealedFile(t, r, plain)
		if int64(len(closed)) != seal.SealedSize(int64(size)) {
			t.Errorf("%d bytes became %d, SealedSize says %d", size, len(closed), seal.SealedSize(int64(size)))
		}
		if size > 100 && bytes.Contains(closed, plain[50:80]) {
			t.Errorf("of %d bytes some are readable", size)
		}
		f, err := r.NewReader(bytes.NewReader(closed))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if err != nil || !bytes.Equal(got, plain) || f.Size() != int64(size) {
			t.Errorf("%d bytes came back as %d (Size %d), %v", size, len(got), f.Size(), err)
		}
	}
}

func TestAFileThatWasChangedOrCutOffIsRefused(t *testing.T) {
	r := ring(t, 1)
	for _, size := range sizes {
		closed := sealedFile(t, r, pattern(size))
		changes := map[string][]byte{"cut by one": closed[:len(closed)-1], "cut by a chunk": closed[:max(0, len(closed)-64<<10-16)], "longer": append(bytes.Clone(closed), 0)}
		for _, at := range []int{9, 30, len(closed) - 1} {
			changed := bytes.Clone(closed)
			changed[at] ^= 1
			changes["changed at "+string(rune('a'+at%26))] = changed
		}
		for name, b := range changes {
			f, err := r.NewReader(bytes.NewReader(b))
			if err == nil {
				_, err = io.Copy(io.Discard, f)
			}
			if !errors.Is(err, seal.ErrBroken) && !errors.Is(err, seal.ErrNoKey) {
				t.Errorf("%d bytes %s: %v", size, name, err)
			}
		}
	}
}

func TestAnyPlaceOfAFileCanBeRead(t *testing.T) {
	r := ring(t, 1)
	plain := pattern(200_000)
	closed := sealedFile(t, r, plain)
	rapid.Check(t, func(t *rapid.T) {
		f, err := r.NewReader(bytes.NewReader(closed))
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			at, n := rapid.IntRange(0, len(plain)).Draw(t, "at"), rapid.IntRange(0, 70_000).Draw(t, "n")
			if _, err := f.Seek(int64(at), io.SeekStart); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(io.LimitReader(f, int64(n)))
			if err != nil || !bytes.Equal(got, plain[at:min(at+n, len(plain))]) {
				t.Fatalf("%d bytes at %d: %v", n, at, err)
			}
		}
	})
}

func TestAPlainFileIsToldFromASealedOne(t *testing.T) {
	r := ring(t, 1)
	for name, c := range map[string]struct {
		bytes []byte
		want  bool
	}{"sealed": {sealedFile(t, r, []byte("x")), true}, "png": {[]byte("\x89PNG\r\n\x1a\n"), false}, "short": {[]byte("a"), false}, "empty": {nil, false}} {
		from := bytes.NewReader(c.bytes)
		got, err := seal.IsSealed(from)
		if err != nil || got != c.want || from.Len() != len(c.bytes) {
			t.Errorf("%s: %v, %v, %d bytes left", name, got, err, from.Len())
		}
	}
}

func TestAFileOfAKeyOfBeforeOpensAfterARotation(t *testing.T) {
	r := ring(t, 1)
	closed := sealedFile(t, r, []byte("photo"))
	if err := r.Set([]seal.Key{{ID: 2, Secret: secret(2)}, {ID: 1, Secret: secret(1)}}); err != nil {
		t.Fatal(err)
	}
	f, err := r.NewReader(bytes.NewReader(closed))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); err != nil || string(got) != "photo" {
		t.Errorf("%q, %v", got, err)
	}
}

func BenchmarkSealingAPhoto(b *testing.B) {
	r, err := seal.NewRing([]seal.Key{{ID: 1, Secret: secret(1)}})
	if err != nil {
		b.Fatal(err)
	}
	plain := pattern(300_000)
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		w, err := r.NewWriter(io.Discard)
		if err == nil {
			_, err = w.Write(plain)
		}
		if err != nil || w.Close() != nil {
			b.Fatal(err)
		}
	}
}
