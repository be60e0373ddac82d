package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// syncers is how many files are synced at once: the disk's journal takes them together, so this is 5 times faster than in turn.
const syncers = 16

// initialise makes the data folder. It is made under another name and renamed when it is whole and on disk, so a
// data folder that exists is never a half-made one; what killed attempts left is removed.
func initialise(ctx context.Context, s site, bin Binaries, o Options) error {
	began := time.Now()
	left, err := filepath.Glob(filepath.Join(s.dir, "initdb-*"))
	if err != nil {
		return fmt.Errorf("look into data folder %s: %w", s.dir, err)
	}
	temp, err := os.MkdirTemp(s.dir, "initdb-")
	if err != nil {
		return fmt.Errorf("make data folder in %s: %w", s.dir, err)
	}
	defer os.RemoveAll(temp)
	if err := s.own(temp); err != nil {
		return err
	}
	if err := fill(ctx, s, bin, temp, o); err != nil {
		return err
	}
	if !o.Fast {
		if err := syncTree(temp); err != nil {
			return fmt.Errorf("write data folder %s to disk: %w", s.data, err)
		}
	}
	if err := os.Rename(temp, s.data); err != nil {
		return fmt.Errorf("put data folder %s in place: %w", s.data, err)
	}
	if !o.Fast {
		if err := syncPath(s.dir); err != nil {
			return fmt.Errorf("write data folder %s to disk: %w", s.data, err)
		}
	}
	for _, dir := range left { // only now: a killed initdb's last child may still have been writing there
		if err := os.RemoveAll(dir); err != nil {
			o.Log.Warn("half-made data folder not removed", "dir", dir, "error", err)
		}
	}
	o.Log.Info("postgres data folder made", "dir", s.data, "major", bin.Major, "took", time.Since(began))
	return nil
}

// runInitdb fills dir. The locale is C.UTF-8, since with plain C trigram search does not see Cyrillic letters; systems
// that lack it (older macOS) have en_US.UTF-8.
func runInitdb(ctx context.Context, s site, bin Binaries, dir string) error {
	for _, locale := range []string{"C.UTF-8", "en_US.UTF-8"} {
		var out bytes.Buffer
		cmd := s.command(bin, "initdb", "-D", dir, "-U", superuser, "--auth=trust", "--encoding=UTF8", "--locale="+locale, "--no-sync", "--no-instructions")
		cmd.Stdout, cmd.Stderr = &out, &out
		p, err := spawn(cmd)
		if err == nil {
			select {
			case <-p.done:
				err = p.err
			case <-ctx.Done():
				p.kill()
				return fmt.Errorf("make data folder %s: %w", s.data, context.Cause(ctx))
			}
		}
		if err == nil {
			return nil
		}
		if !strings.Contains(out.String(), "invalid locale") {
			return fmt.Errorf("make data folder %s as user %s: %w: %s", s.data, s.account.name, err, lastReason(out.String()))
		}
	}
	return errors.New("this system has neither the locale C.UTF-8 nor en_US.UTF-8: install one (Debian: apt install locales-all), or set DATABASE_URL")
}

// syncTree writes every file and folder below dir to disk. initdb can do it too, one by one, which is a third of its time.
func syncTree(dir string) error {
	paths, errs := make(chan string), make(chan error, syncers)
	var workers sync.WaitGroup
	for range syncers {
		workers.Go(func() {
			var failed error
			for path := range paths {
				if failed == nil {
					failed = syncPath(path)
				}
			}
			errs <- failed
		})
	}
	walked := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && (d.IsDir() || d.Type().IsRegular()) {
			paths <- path
		}
		return err
	})
	close(paths)
	workers.Wait()
	close(errs)
	for err := range errs {
		walked = errors.Join(walked, err)
	}
	return walked
}
