package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"govorun/crm/jobs"
	"govorun/crm/postgres"
	"govorun/crm/seal"
)

type keysCommand struct {
	List   keysList   `cmd:"" default:"1" help:"List the keys, never the secrets in them."`
	Rotate keysRotate `cmd:"" help:"Seal with a new key from now on, and wrap the older ones anew."`
}

// Help is shown by keys --help.
func (c *keysCommand) Help() string {
	return `Examples:
  govorun keys
  govorun keys rotate
  govorun keys rotate --forget
  GOVORUN_KEYS=$(openssl rand -base64 32),$GOVORUN_KEYS govorun serve

Account numbers, other secret answers and files are encrypted. The master key stands outside the database: in GOVORUN_KEYS, the newest first,
or in the file "keys" of the data folder, made at the first start. Keep a copy of it apart from the copies of the database: each alone opens
nothing, and without the key the secrets are lost.`
}

type keysList struct{}

// Run lists masters and seal keys by name.
func (c *keysList) Run(ctx context.Context, s *settings, io stdio) error {
	db, err := openStore(ctx, s, io)
	if err != nil {
		return err
	}
	defer closeStore(db)
	m, err := readMasters(s.Data)
	if err != nil {
		return err
	}
	list, err := db.SealKeys(ctx)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Fprintln(io.out, "No keys yet: the first start of `govorun serve` makes them.")
		return nil
	}
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KEY\tMADE\tMASTER\tWRAPPED\tOPENS")
	for _, key := range list {
		opens := "no: " + key.Master + " is not in " + m.from
		if _, err := m.unwrap(key); err == nil {
			opens = "yes"
		}
		fmt.Fprintf(table, "k%d\t%s\t%s\t%s\t%s\n", key.ID, key.CreatedAt.Format(time.DateTime), key.Master, key.WrappedAt.Format(time.DateTime), opens)
	}
	return table.Flush()
}

type keysRotate struct {
	Forget bool `help:"Remove masters from the file that wrap nothing any more: dumps made before today then open for nobody."`
}

// Run rotates beside a running program, which takes the new keys up within a minute.
func (c *keysRotate) Run(ctx context.Context, s *settings, std stdio) error {
	db, err := openStore(ctx, s, std)
	if err != nil {
		return err
	}
	defer closeStore(db)
	v, err := openVault(ctx, db, s.Data)
	if err != nil {
		return err
	}
	n, err := v.rotate(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "Sealing with key k%d from now on; %s wrapped anew by master %s.\n", v.newest(), many(n, "older key"), v.masters.list[0].Name())
	files, err := jobs.OpenFiles(filepath.Join(s.Data, "files"), v.ring)
	if err != nil {
		return err
	}
	sealed, err := files.SealOld()
	if sealed > 0 {
		fmt.Fprintf(std.out, "%s of before there were keys sealed.\n", many(sealed, "file"))
	}
	if err != nil || !c.Forget || v.masters.fixed {
		return err
	}
	dropped, err := v.forget(ctx)
	if err == nil {
		fmt.Fprintf(std.out, "%s removed from %s.\n", many(dropped, "master"), v.masters.from)
	}
	return err
}

// masters are the keys outside the database, the newest first, and where they stand.
type masters struct {
	list  []seal.Master
	from  string // a file, or the name of the variable
	fixed bool   // they stand in the environment, which this program can't change
}

const (
	keysVariable = "GOVORUN_KEYS"
	keysHead     = "# The master keys of govorun, the newest first. Whoever has this file and the database reads every secret in it;\n" +
		"# without it nobody does. Keep a copy apart from the copies of the database.\n"
)

// readMasters reads the keys from the environment, else from the file in the data folder. None is no error: the first start makes one.
func readMasters(dir string) (m masters, err error) {
	if text := os.Getenv("GOVORUN_KEYS"); text != "" {
		m = masters{from: keysVariable, fixed: true}
		if m.list, err = seal.ParseMasters(text); err == nil && len(m.list) == 0 {
			err = errors.New("it holds no key")
		}
		if err != nil {
			return m, fmt.Errorf("read %s: %w", keysVariable, err)
		}
		return m, nil
	}
	m = masters{from: filepath.Join(dir, "keys")}
	text, err := os.ReadFile(m.from)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = private(m.from)
	}
	if err == nil {
		m.list, err = seal.ParseMasters(string(text))
	}
	if err == nil && len(m.list) == 0 {
		err = errors.New("it holds no key: put its copy back")
	}
	if err != nil {
		return m, fmt.Errorf("read the keys in %s: %w", m.from, err)
	}
	return m, nil
}

// unwrap opens a seal key with the master that wrapped it.
func (m masters) unwrap(key postgres.SealKey) (seal.Key, error) {
	for _, master := range m.list {
		if master.Name() != key.Master {
			continue
		}
		secret, err := master.Unwrap(key.Wrapped)
		return seal.Key{ID: key.ID, Secret: secret}, err
	}
	if len(m.list) == 0 {
		return seal.Key{}, fmt.Errorf("the secrets of this database are sealed and their key %s is missing: put its copy at %s, or set %s", key.Master, m.from, keysVariable)
	}
	return seal.Key{}, fmt.Errorf("the secrets of this database are sealed with key %s, which is not in %s: add it there, below the newest", key.Master, m.from)
}

// add puts a new master on top of the file.
func (m *masters) add(fresh seal.Master) error {
	list := append([]seal.Master{fresh}, m.list...)
	if err := writeMasters(m.from, list); err != nil {
		return err
	}
	m.list = list
	return nil
}

// forget keeps the masters that wrap one of these keys, and the newest.
func (m *masters) forget(list []postgres.SealKey) (dropped int, err error) {
	kept := m.list[:0:0]
	for i, master := range m.list {
		if i == 0 || slices.ContainsFunc(list, func(key postgres.SealKey) bool { return key.Master == master.Name() }) {
			kept = append(kept, master)
		}
	}
	dropped = len(m.list) - len(kept)
	if err := writeMasters(m.from, kept); err != nil {
		return 0, err
	}
	m.list = kept
	return dropped, nil
}
