package bench

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestOtherBotsAreNamedOrNotAndAFolderHoldsOnePerProgram(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"b-bot": 0o755, "a-bot": 0o755, "notes.txt": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Bots([]string{"grammy=node grammy.cjs --name=x", "node other.cjs --depth=2", dir})
	if err != nil {
		t.Fatal(err)
	}
	want := []Bot{{"grammy", "node grammy.cjs --name=x"}, {"the other bot", "node other.cjs --depth=2"},
		{"a-bot", "'" + filepath.Join(dir, "a-bot") + "'"}, {"b-bot", "'" + filepath.Join(dir, "b-bot") + "'"}}
	if !slices.Equal(got, want) {
		t.Errorf("bots are %q, want %q", got, want)
	}
}

func TestBotsThatCannotBeToldApartAreRefused(t *testing.T) {
	for _, written := range [][]string{{"node a.cjs", "node b.cjs"}, {"x=a", "x=b"}} {
		if _, err := Bots(written); err == nil || !strings.Contains(err.Error(), "name each") {
			t.Errorf("%q: %v", written, err)
		}
	}
	if _, err := Bots([]string{t.TempDir()}); err == nil || !strings.Contains(err.Error(), "chmod +x") {
		t.Errorf("an empty folder: %v", err)
	}
}
