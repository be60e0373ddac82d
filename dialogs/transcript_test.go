package dialogs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryTranscriptIsPlayedAsItIsWritten plays the golden conversations of all kits; -update rewrites them.
func TestEveryTranscriptIsPlayedAsItIsWritten(t *testing.T) {
	var files []string
	for _, pattern := range []string{"testdata/*/transcripts/*.txt", "kits/*/transcripts/*.txt"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Fatal("there are no transcripts")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.ToSlash(file), ".txt"), func(t *testing.T) {
			kit, err := Load(os.DirFS(filepath.Dir(filepath.Dir(file))))
			if err != nil {
				t.Fatal(err)
			}
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Play(kit, string(script))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, file, got)
		})
	}
}
