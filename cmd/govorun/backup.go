package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"govorun/crm/postgres"
	"govorun/dialogs"
)

type backupCommand struct {
	Out string `short:"o" placeholder:"FILE" help:"Where to: a file, a folder, or - for standard output; the current folder when empty."`
}

// Help is shown by backup --help.
func (c *backupCommand) Help() string {
	return `Examples:
  govorun backup
  govorun backup -o /mnt/backups/
  govorun backup -o - | ssh vault 'cat > govorun.tar.gz'

It may run beside govorun serve. One file holds the database as of one moment and the files of the data folder, each part with its sum. Three
things are not in it: the keys, without which its secrets and files open nowhere (keep a copy of them elsewhere), the settings, and the sessions of
linked WhatsApp numbers, which can't live twice: on another machine a number is linked anew. The file appears under its name when it is whole.`
}

// Run writes a backup and notes that there is one.
func (c *backupCommand) Run(ctx context.Context, s *settings, std stdio) error {
	if s.Database == "" {
		if _, err := os.Stat(filepath.Join(s.Data, "postgres", "data")); err != nil {
			return fmt.Errorf("there is no database in %s yet: name the right folder with GOVORUN_DATA, or a server with DATABASE_URL", s.Data)
		}
	}
	kit, err := openKit(s.Kit)
	if err != nil {
		return err
	}
	db, err := openStore(ctx, s, std)
	if err != nil {
		return err
	}
	defer closeStore(db)
	b := &backup{db: db, dir: s.Data, kit: kit}
	place, err := c.write(std.out, func(to io.Writer) error { return b.write(ctx, to) }, b.name)
	if err != nil {
		return err
	}
	if err := db.NoteBackup(ctx, b.head.Contents.At, b.bytes); err != nil {
		return err
	}
	said := std.out
	if c.Out == "-" {
		said = std.err
	}
	b.tell(said, place)
	return nil
}

// write lets fill write the file, which bears its name only when it is whole and on disk.
func (c *backupCommand) write(stdout io.Writer, fill func(io.Writer) error, name func() string) (place string, err error) {
	if c.Out == "-" {
		return "standard output", fill(stdout)
	}
	dir, base := c.Out, ""
	if info, err := os.Stat(c.Out); c.Out != "" && (err != nil || !info.IsDir()) {
		dir, base = filepath.Split(c.Out)
	}
	if dir == "" {
		dir = "."
	}
	draft, err := os.CreateTemp(dir, ".govorun-backup-*.partial") // its mode is 0600
	if err != nil {
		return "", fmt.Errorf("write the backup: %w. Name a folder that may be written to with -o", err)
	}
	defer os.Remove(draft.Name()) // once it bears its name, nothing is left here
	if err = fill(draft); err == nil {
		err = draft.Sync()
	}
	if err = errors.Join(err, draft.Close()); err != nil {
		return "", err
	}
	if base == "" {
		base = name()
	}
	place = filepath.Join(dir, base)
	if err := os.Rename(draft.Name(), place); err != nil {
		return "", fmt.Errorf("name the backup: %w", err)
	}
	return place, settled(place)
}

// backup is one that is being written.
type backup struct {
	db    *postgres.DB
	dir   string
	kit   *dialogs.Kit
	head  backupHeader
	end   backupEnding
	bytes int64
}

func (b *backup) name() string {
	return "govorun-" + b.head.Contents.At.UTC().Format("20060102T150405Z") + ".tar.gz"
}

// counting counts what goes through.
type counting struct {
	io.Writer
	n *int64
}

func (c counting) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	*c.n += int64(n)
	return n, err
}

// write writes the database as of now and then the files, which nobody changes: those of the database are among them.
func (b *backup) write(ctx context.Context, to io.Writer) error {
	snapshot, err := b.db.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer snapshot.Close()
	b.head = backupHeader{Format: backupFormat, Kit: b.kit.Name, Version: kitVersion(b.kit), Contents: snapshot.Contents}
	if b.head.Files, err = snapshot.CountFiles(ctx); err != nil {
		return err
	}
	w, err := newBackupWriter(counting{to, &b.bytes}, b.head)
	if err != nil {
		return err
	}
	for _, table := range snapshot.Tables {
		rows := &tableWriter{to: w, table: table.Name}
		n, err := snapshot.Copy(ctx, table, rows)
		if err == nil {
			err = rows.flush()
		}
		if err != nil {
			return err
		}
		w.end.Rows += n
	}
	snapshot.Close() // the files take their time, and the database need not remember for them
	if err := b.files(ctx, w); err != nil {
		return err
	}
	err = w.close()
	b.end = w.end
	return err
}

// files writes the folder of files, without what is unfinished.
func (b *backup) files(ctx context.Context, w *backupWriter) error {
	root := filepath.Join(b.dir, "files")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // no file has come yet, or one was forgotten meanwhile
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return errors.Join(err, ctx.Err())
		}
		place, err := filepath.Rel(root, path)
		name := backupFiles + filepath.ToSlash(place)
		if err != nil || !fileName.MatchString(name) {
			return err
		}
		return b.file(ctx, w, path, name)
	})
	if err != nil {
		return fmt.Errorf("keep the files of %s: %w", root, err)
	}
	return nil
}

func (b *backup) file(ctx context.Context, w *backupWriter, path, name string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	w.end.Files++
	return errors.Join(w.add(name, info.Size(), file), ctx.Err())
}

// tell says what was written and what is needed beside it.
func (b *backup) tell(to io.Writer, place string) {
	fmt.Fprintf(to, "%s: the database as of %s (%d rows) and %s, %.1f MB.\n", place, b.head.Contents.At.UTC().Format("2006-01-02 15:04:05 UTC"), b.end.Rows,
		many(int(b.end.Files), "file"), float64(b.bytes)/1e6)
	if missing := b.head.Files - b.end.Files; missing > 0 {
		fmt.Fprintf(to, "Beware: the database speaks of %s more than lie in %s: run govorun backup where that folder is whole.\n", many(int(missing), "file"), filepath.Join(b.dir, "files"))
	}
	if names := masterNames(b.head.Contents.Keys); len(names) > 0 {
		fmt.Fprintf(to, "Its secrets open with %s only: see that a copy lies elsewhere than the backup (govorun keys).\n", strings.Join(names, ", "))
	}
}

// masterNames are the masters that keys are wrapped by.
func masterNames(keys []postgres.SavedKey) []string {
	names := map[string]bool{}
	for _, key := range keys {
		names["master "+key.Master] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// kitVersion is a hash of the dialogs of a kit.
func kitVersion(kit *dialogs.Kit) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(kit.Dialogs)) {
		fmt.Fprintln(sum, name, kit.Dialogs[name].Version)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

// staleBackup is an age of the last backup at which somebody should look why there is no newer one.
const staleBackup = 26 * time.Hour
