package seal_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"govorun/crm/seal"
)

func FuzzNobodyElseSigns(f *testing.F) {
	r := ring(f, 2, 1)
	for _, seed := range []string{r.Sign("files", []byte("7 of 9")), ring(f, 1).Sign("files", nil), r.Sign("calls", []byte("x")), "", "AAAA", "?", strings.Repeat("A", 70)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		message, err := r.Verify("files", text)
		if err != nil {
			if !errors.Is(err, seal.ErrBroken) || message != nil {
				t.Fatalf("%q gives %q and %v", text, message, err)
			}
			return
		}
		if again, err := r.Verify("files", r.Sign("files", message)); err != nil || !bytes.Equal(again, message) {
			t.Fatalf("%q says %q, which signed anew says %q, %v", text, message, again, err)
		}
		if _, err := r.Verify("calls", text); err == nil {
			t.Fatalf("%q counts for two purposes", text)
		}
	})
}

func FuzzTokensOpenToWhatWasSealedOrNotAtAll(f *testing.F) {
	r := ring(f, 2, 1)
	for _, seed := range []string{"KZ86 125K ZT50 0410 0100", "", "‹sealed:m:k1:AAAA›", "‹sealed:m:k9:AAAA›", "\xff", "‹sealed:‹sealed:m:k2:A›"} {
		f.Add(seed, "KZ86 ···0100", uint8(3))
	}
	f.Fuzz(func(t *testing.T, plain, mask string, cut uint8) {
		if _, err := r.Open(plain); err == nil || !errors.Is(err, seal.ErrBroken) && !errors.Is(err, seal.ErrNoKey) {
			t.Fatalf("%q, which nobody sealed, gives %v", plain, err)
		}
		token := r.Seal(plain, mask)
		if plain == "" || seal.Sealed(plain) {
			if token != plain {
				t.Fatalf("%q became %q", plain, token)
			}
			return
		}
		if got, err := r.Open(token); err != nil || got != plain {
			t.Fatalf("%q sealed as %q opens as %q, %v", plain, token, got, err)
		}
		shown, err := r.Revealed("a"+token+"b", func(plain string) string { return "[" + plain + "]" })
		if err != nil || shown != "a["+plain+"]b" {
			t.Fatalf("%q is shown as %q, %v", plain, shown, err)
		}
		short := token[:len(token)-1-int(cut)%(len(token)-1)]
		if len(plain) > 8 && strings.Contains(seal.Masked(short), plain) && !strings.Contains(mask, plain) {
			t.Fatalf("cut to %q it shows %q", short, seal.Masked(short))
		}
	})
}

func FuzzMastersAreReadWholeAndNeverRepeated(f *testing.F) {
	one, err := seal.NewMaster(bytes.NewReader(secret(5)))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{one.Text(), one.Text() + "," + one.Text() + "\n# old\n", "#", "AAAA", one.Text() + "A", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		masters, err := seal.ParseMasters(text)
		if err != nil {
			for _, word := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune("#, \n", c) }) {
				if len(word) > 16 && strings.Contains(err.Error(), word) {
					t.Fatalf("the mistake repeats a key: %v", err)
				}
			}
			return
		}
		written := ""
		for _, m := range masters {
			written += m.Text() + "\n"
		}
		again, err := seal.ParseMasters(written)
		if err != nil || len(again) != len(masters) {
			t.Fatalf("%q became %d keys, then %d, %v", text, len(masters), len(again), err)
		}
		for i := range again {
			if !again[i].Equal(masters[i]) {
				t.Fatalf("key %d of %q is another one when written and read", i, text)
			}
		}
	})
}

func FuzzAChangedFileGivesNoChangedByte(f *testing.F) {
	r := ring(f, 1)
	plain := pattern(70_000)
	closed := sealedFile(f, r, plain)
	f.Add(uint32(0), uint8(1), uint32(0), uint32(0))
	f.Add(uint32(60), uint8(1), uint32(0), uint32(100))
	f.Add(uint32(70_000), uint8(0), uint32(17), uint32(0))
	f.Add(uint32(65_600), uint8(128), uint32(4464+16), uint32(65_530))
	f.Fuzz(func(t *testing.T, at uint32, turn uint8, cut, from uint32) {
		changed := bytes.Clone(closed)
		changed[int(at)%len(changed)] ^= turn
		changed = changed[:len(changed)-int(cut)%len(changed)]
		file, err := r.NewReader(bytes.NewReader(changed))
		var got []byte
		start := int64(from) % int64(len(plain))
		if err == nil {
			if _, err = file.Seek(start, io.SeekStart); err == nil {
				got, err = io.ReadAll(file)
			}
		}
		if err != nil && !errors.Is(err, seal.ErrBroken) && !errors.Is(err, seal.ErrNoKey) {
			t.Fatalf("byte %d changed by %d, %d cut: %v", at, turn, cut, err)
		}
		if !bytes.HasPrefix(plain[start:], got) {
			t.Fatalf("byte %d changed by %d, %d cut: another text came back", at, turn, cut)
		}
		if err == nil && start < file.Size() && len(got) != len(plain)-int(start) {
			t.Fatalf("byte %d changed by %d, %d cut: %d bytes and no error", at, turn, cut, len(got))
		}
	})
}
