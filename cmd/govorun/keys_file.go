package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"govorun/crm/seal"
)

// private refuses a file of keys that others than its owner may read.
func private(path string) error {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return fmt.Errorf("others may read it: chmod 600 %s", path)
}

// makeMaster writes the first master of a data folder; when another process was faster, its file counts.
func makeMaster(path string, first seal.Master) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o711); err != nil {
		return fmt.Errorf("make the folder of the keys: %w", err)
	}
	draft, err := draftMasters(path, []seal.Master{first})
	if err != nil {
		return err
	}
	defer os.Remove(draft)
	if err := os.Link(draft, path); err != nil && !errors.Is(err, fs.ErrExist) { // unlike a renaming it replaces nothing
		return fmt.Errorf("keep the keys in %s: %w", path, err)
	}
	return settled(path)
}

// writeMasters puts a file with these masters in place of the one that is there.
func writeMasters(path string, list []seal.Master) error {
	draft, err := draftMasters(path, list)
	if err != nil {
		return err
	}
	if err := os.Rename(draft, path); err != nil {
		return fmt.Errorf("keep the keys in %s: %w", path, errors.Join(err, os.Remove(draft)))
	}
	return settled(path)
}

// settled writes the name of a file to disk: the database is about to rely on it. A system that can't does so by itself.
func settled(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("keep the keys in %s: %w", path, err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrInvalid) {
		return fmt.Errorf("keep the keys in %s: %w", path, err)
	}
	return nil
}

// draftMasters writes masters beside a file, on disk and not only on its way there, readable by its owner alone.
func draftMasters(path string, list []seal.Master) (string, error) {
	draft, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // its mode is 0600
	if err != nil {
		return "", fmt.Errorf("write the keys beside %s: %w", path, err)
	}
	text := keysHead
	for _, m := range list {
		text += m.Text() + "\n"
	}
	_, err = draft.WriteString(text)
	if err == nil {
		err = draft.Sync()
	}
	if err = errors.Join(err, draft.Close()); err != nil {
		return "", fmt.Errorf("write the keys beside %s: %w", path, errors.Join(err, os.Remove(draft.Name())))
	}
	return draft.Name(), nil
}
