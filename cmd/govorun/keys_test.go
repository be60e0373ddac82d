package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"govorun/crm/postgres/pgtest"
)

func TestX20_TheKeyIsMadeAtTheFirstStartReadableByUsOnlyAndWithoutItNothingStarts(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t)
	w.serve().ready().stop()
	path := filepath.Join(w.data(), "keys")
	info, err := os.Stat(path)
	well(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the keys have mode %v", info.Mode().Perm())
	}
	kept, err := os.ReadFile(path)
	well(t, err)
	for name, c := range map[string]struct {
		spoil func() error
		says  string
	}{
		"missing":  {func() error { return os.Remove(path) }, "is missing: put its copy at " + path},
		"another":  {func() error { return os.WriteFile(path, []byte(strings.Repeat("A", 43)+"=\n"), 0o600) }, "which is not in " + path},
		"no key":   {func() error { return os.WriteFile(path, []byte("letmein\n"), 0o600) }, "is not 32 bytes in base64"},
		"readable": {func() error { return os.Chmod(path, 0o644) }, "chmod 600 " + path},
	} {
		well(t, c.spoil())
		out, code := runOnce(t, w.env, "serve")
		if code != exitTrouble || !strings.Contains(out, c.says) {
			t.Errorf("%s: exit %d, printed %s", name, code, out)
		}
		_ = os.Remove(path) // with its mode
		well(t, os.WriteFile(path, kept, 0o600))
	}
}

func TestKeysAreRotatedBesideARunningProgramAndOldSecretsStillOpen(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t)
	w.serve().ready()
	boss := w.hired2(saule, "Сауле")
	w.pays(101)
	w.sees(boss, "KZ86 ···0100")
	before, err := os.ReadFile(filepath.Join(w.data(), "keys"))
	well(t, err)
	if out, code := runOnce(t, w.env, "keys", "rotate", "--forget"); code != exitOK || !strings.Contains(out, "key k2") || !strings.Contains(out, "1 master removed") {
		t.Fatalf("exit %d, printed %s", code, out)
	}
	out, code := runOnce(t, w.env, "keys")
	if code != exitOK || strings.Count(out, "yes") != 2 || strings.Contains(out, " no") {
		t.Errorf("exit %d, printed %s", code, out)
	}
	after, err := os.ReadFile(filepath.Join(w.data(), "keys"))
	well(t, err)
	for _, file := range []string{string(before), string(after)} {
		for _, line := range strings.Split(file, "\n") {
			if line != "" && line[0] != '#' && strings.Contains(out, line) {
				t.Error("a key is printed")
			}
		}
	}
	w.did(boss.Press("🔐 Показать полностью"))
	w.sees(boss, plantedIBAN)
	if out, code := runOnce(t, append(w.env, "GOVORUN_KEYS="+lastLine(string(before))), "serve"); code != exitTrouble || !strings.Contains(out, "which is not in GOVORUN_KEYS") {
		t.Errorf("with the key of before: exit %d, printed %s", code, out)
	}
	if out, _ := runOnce(t, w.env, "doctor", "--offline"); !strings.Contains(out, "opens all secrets") {
		t.Errorf("the doctor prints %s", out)
	}
}

// lastLine is the last line that holds something.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

func TestWhoRotatesAtOnceLosesNoMaster(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	db := pgtest.New(t)
	vaults := make([]*vault, 4)
	for i := range vaults {
		var err error
		vaults[i], err = openVault(ctx, db, dir)
		well(t, err)
	}
	token := vaults[0].ring.Seal(plantedIBAN, "KZ86 ···0100")
	var all sync.WaitGroup
	for _, v := range vaults {
		all.Go(func() {
			_, err := v.rotate(ctx)
			if err == nil {
				_, err = v.forget(ctx)
			}
			if err != nil {
				t.Errorf("rotate beside others: %v", err)
			}
		})
	}
	all.Wait()
	after, err := openVault(ctx, db, dir)
	if err != nil {
		t.Fatalf("the secrets are lost: %v", err)
	}
	if plain, err := after.ring.Open(token); err != nil || plain != plantedIBAN {
		t.Errorf("%q, %v", plain, err)
	}
	if n := len(after.masters.list); n != 1 {
		t.Errorf("%d masters are left", n)
	}
}
