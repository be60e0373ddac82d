package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// filesBack puts the files of a backup into the folder. Names are sums of contents, so what is not there yet harms nobody, whatever becomes of
// the database; what is there is replaced only when the database is restored, since it may be sealed with a key of today.
type filesBack struct {
	dir    string
	waits  string // folder of those that replace others
	places []string
}

// put keeps one file, on disk and not only on its way there.
func (f *filesBack) put(place string, from io.Reader) error {
	target := filepath.Join(f.dir, filepath.FromSlash(place))
	if _, err := os.Stat(target); err == nil {
		if f.waits == "" {
			if f.waits, err = os.MkdirTemp(f.dir, "restore-*"); err != nil {
				return fmt.Errorf("restore files: %w", err)
			}
		}
		f.places = append(f.places, place)
		target = filepath.Join(f.waits, filepath.FromSlash(place))
	}
	if err := f.write(target, from); err != nil {
		return fmt.Errorf("restore file %s: %w", place, err)
	}
	return nil
}

func (f *filesBack) write(target string, from io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(target), ".restore-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(draft, from)
	if err == nil {
		err = draft.Sync()
	}
	if err = errors.Join(err, draft.Close()); err == nil {
		err = os.Rename(draft.Name(), target)
	}
	if err != nil {
		return errors.Join(err, os.Remove(draft.Name()))
	}
	return settled(target)
}

// settle replaces those files that were there.
func (f *filesBack) settle() error {
	for _, place := range f.places {
		target := filepath.Join(f.dir, filepath.FromSlash(place))
		if err := os.Rename(filepath.Join(f.waits, filepath.FromSlash(place)), target); err != nil {
			return fmt.Errorf("restore file %s: %w. The database is restored; run the same command again with --replace", place, err)
		}
	}
	return nil
}

// discard removes what was not needed.
func (f *filesBack) discard() {
	if f.waits != "" {
		_ = os.RemoveAll(f.waits)
	}
}
