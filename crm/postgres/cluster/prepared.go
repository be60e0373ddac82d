package cluster

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// fill fills the new folder dir with what initdb makes. With o.Prepared it is copied from the first of the day that initdb has made,
// which takes a tenth of the time: test binaries need a server each.
func fill(ctx context.Context, s site, bin Binaries, dir string, o Options) error {
	if !o.Prepared {
		return runInitdb(ctx, s, bin, dir)
	}
	kept := preparedFolder(bin, time.Now())
	if _, err := os.Stat(kept); err == nil {
		if err := os.CopyFS(dir, os.DirFS(kept)); err != nil {
			return fmt.Errorf("copy prepared data folder %s: %w", kept, err)
		}
		return s.own(dir)
	}
	if err := runInitdb(ctx, s, bin, dir); err != nil {
		return err
	}
	return putAside(dir, kept)
}

// preparedFolder names the folder for copies of a day. It is made anew each day, since systems clean up among temporary files piece
// by piece, and by every user for themselves.
func preparedFolder(bin Binaries, now time.Time) string {
	sum := sha256.Sum256([]byte(bin.Dir))
	name := fmt.Sprintf("%d-%x-%s", bin.Major, sum[:4], now.UTC().Format(time.DateOnly))
	return filepath.Join(os.TempDir(), "govorun-initdb-"+strconv.Itoa(os.Geteuid()), name)
}

// putAside puts a copy of a data folder in place as a whole, unless another process was first, and removes those of days before yesterday.
func putAside(dir, kept string) error {
	home := filepath.Dir(kept)
	if err := os.MkdirAll(home, 0o700); err != nil {
		return fmt.Errorf("make folder %s: %w", home, err)
	}
	temp, err := os.MkdirTemp(home, "new-")
	if err != nil {
		return fmt.Errorf("make folder in %s: %w", home, err)
	}
	defer os.RemoveAll(temp)
	if err := os.CopyFS(temp, os.DirFS(dir)); err != nil {
		return fmt.Errorf("keep a copy of data folder %s: %w", dir, err)
	}
	_ = os.Rename(temp, kept) // refused when it is there already
	all, err := os.ReadDir(home)
	if err != nil {
		return fmt.Errorf("look into folder %s: %w", home, err)
	}
	for _, e := range all {
		info, err := e.Info()
		if err == nil && time.Since(info.ModTime()) > 48*time.Hour && !strings.HasSuffix(kept, e.Name()) {
			_ = os.RemoveAll(filepath.Join(home, e.Name()))
		}
	}
	return nil
}
