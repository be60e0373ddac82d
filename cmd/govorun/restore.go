package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"govorun/crm/postgres"
	"govorun/migrations"
)

type restoreCommand struct {
	File    string `arg:"" help:"A file of govorun backup." type:"existingfile"`
	Replace bool   `help:"Remove what the database holds now, for good."`
	Resend  bool   `help:"Send what waited to be sent at the time of the backup: only if nobody sent it after that."`
}

// Help is shown by restore --help.
func (c *restoreCommand) Help() string {
	return `Examples:
  GOVORUN_DATA=/srv/govorun govorun restore govorun-20261122T180000Z.tar.gz
  DATABASE_URL=postgres://crm@db/crm govorun restore --replace govorun-20261122T180000Z.tar.gz

Put the keys in place first (the file "keys" of the data folder, or GOVORUN_KEYS), and stop every govorun serve of this database. The whole file is checked
before anything is written; the database changes at once or not at all. A backup of an older version is brought up to date, one of a newer version refused.
What waited to be sent then is put aside (govorun why), broadcasts stop, and numbers of deals go on behind a gap, so that old buttons mean nothing.`
}

// Run checks everything, then restores.
func (c *restoreCommand) Run(ctx context.Context, s *settings, std stdio) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	checked, err := checkBackup(file)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if err := restorable(checked.head, s.Data); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	again, err := newBackupReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: s.Database, Direct: s.Direct, DataDir: s.Data, Log: logger(std.err, "warn"), MaxConns: 2})
	if err != nil {
		return err
	}
	defer closeStore(db)
	files := &filesBack{dir: filepath.Join(s.Data, "files")}
	defer files.discard()
	done, err := db.Restore(ctx, postgres.Restoring{Contents: again.head.Contents, Rows: again.rows(files), Replace: c.Replace, Resend: c.Resend})
	if err != nil {
		return err
	}
	if err := files.settle(); err != nil {
		return err
	}
	c.tell(std.out, s, again, done)
	return nil
}

// restorable says what a backup lacks here: a program that knows its schema, and the keys of its secrets.
func restorable(head backupHeader, dir string) error {
	scripts, err := migrations.Scripts()
	if err != nil {
		return err
	}
	if newest := scripts[len(scripts)-1].Version; head.Contents.Schema > newest {
		return fmt.Errorf("it is of version %d of the database, this program knows %d: restore it with the newer program", head.Contents.Schema, newest)
	}
	m, err := readMasters(dir)
	if err != nil {
		return err
	}
	for _, key := range head.Contents.Keys {
		if _, err := m.unwrap(postgres.SealKey{ID: key.ID, Master: key.Master, Wrapped: key.Wrapped}); err != nil {
			return fmt.Errorf("its keys are not here: %w", err)
		}
	}
	return nil
}

// rows gives the pieces of rows one after the other, then puts the files back, and ends when both are done and every sum was right.
func (r *backupReader) rows(files *filesBack) func() (string, io.Reader, error) {
	return func() (string, io.Reader, error) {
		for {
			name, body, err := r.next()
			if err != nil {
				return "", nil, err
			}
			if found := rowsName.FindStringSubmatch(name); found != nil {
				return found[1], body, nil
			}
			found := fileName.FindStringSubmatch(name)
			if found == nil {
				return "", nil, damaged("at "+name, errors.New("there is no such part"))
			}
			if err := files.put(found[1], body); err != nil {
				return "", nil, err
			}
		}
	}
}

// tell says what is there now and what somebody has to do.
func (c *restoreCommand) tell(to io.Writer, s *settings, r *backupReader, done postgres.Restored) {
	at := r.head.Contents.At.UTC().Format("2006-01-02 15:04:05 UTC")
	say := func(format string, args ...any) { fmt.Fprintf(to, format+"\n", args...) }
	say("Restored: the database as of %s (%d rows) and %s.", at, done.Rows, many(int(r.end.Files), "file"))
	if done.Aside+done.Hooks > 0 {
		say("Put aside, because it was probably sent after that: %s, %s to addresses outside (govorun hooks tries those again).",
			many(int(done.Aside), "message"), many(int(done.Hooks), "call"))
	}
	if done.Broadcasts > 0 {
		say("%s stopped: whoever resumes one by /broadcast may write to people who got it after the backup.", many(int(done.Broadcasts), "broadcast"))
	}
	if len(done.Unlinked) > 0 {
		say("WhatsApp (%s): link the number anew with govorun pair; its session was never in the backup, and what is to be sent waits until then.", strings.Join(done.Unlinked, ", "))
	}
	if len(done.Linked) > 0 {
		say("WhatsApp (%s): goes on with the session of this database. Robots write there by themselves a day after the backup at the earliest.", strings.Join(done.Linked, ", "))
	}
	if done.Erased > 0 {
		say("%s forgotten after the backup and back now: forget them again (the acts are in the replaced database's own backup, or with whoever asked).", many(int(done.Erased), "person"))
	}
	if !done.Replaced {
		say("Whoever was forgotten after that is back: forget them again (whoever asked, or the acts of the old database, tell who).")
	}
	if done.Timers > 0 {
		say("Due between the backup and now: %s. They come now, several of a deal as one; some people get theirs for the second time.", many(int(done.Timers), "reminder"))
	}
	if kit, err := openKit(s.Kit); err == nil && kit.Name != r.head.Kit {
		say("Beware: it is a database of the kit %s, and GOVORUN_KIT names %s.", r.head.Kit, kit.Name)
	}
	say("What people wrote between %s and now is not in it if the program had taken it: Telegram and WhatsApp deliver nothing twice.\nNext: govorun doctor, then govorun serve.", at)
}
