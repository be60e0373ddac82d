package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"sync"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/seal"
)

// vault is the ring of this process with what it is made of: seal keys in the database, masters outside of it.
type vault struct {
	db   *postgres.DB
	dir  string
	ring *seal.Ring

	mu      sync.Mutex
	masters masters
	keys    []seal.Key
}

// openVault reads the keys. The first start makes them; after that a master that is missing or wrong is an error that says so.
func openVault(ctx context.Context, db *postgres.DB, dir string) (*vault, error) {
	v := &vault{db: db, dir: dir}
	list, err := db.SealKeys(ctx)
	if err != nil {
		return nil, err
	}
	if v.masters, err = readMasters(dir); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		if list, err = v.begin(ctx); err != nil {
			return nil, err
		}
	}
	if v.keys, err = v.unwrap(list); err != nil {
		return nil, err
	}
	v.ring, err = seal.NewRing(v.keys)
	return v, err
}

// begin makes the first master, unless there is one, and the first seal key.
func (v *vault) begin(ctx context.Context) ([]postgres.SealKey, error) {
	if len(v.masters.list) == 0 {
		first, err := seal.NewMaster(rand.Reader)
		if err != nil {
			return nil, err
		}
		if err := makeMaster(v.masters.from, first); err != nil {
			return nil, err
		}
		if v.masters, err = readMasters(v.dir); err != nil {
			return nil, err
		}
	}
	fresh, err := v.fresh()
	if err != nil {
		return nil, err
	}
	return v.db.AddFirstSealKey(ctx, fresh)
}

// fresh is a new seal key, wrapped by the newest master.
func (v *vault) fresh() (postgres.SealKey, error) {
	secret, err := seal.NewSecret(rand.Reader)
	if err != nil {
		return postgres.SealKey{}, err
	}
	return wrapped(v.masters.list[0], secret)
}

func wrapped(by seal.Master, secret []byte) (postgres.SealKey, error) {
	closed, err := by.Wrap(secret)
	return postgres.SealKey{Wrapped: closed, Master: by.Name()}, err
}

func (v *vault) unwrap(list []postgres.SealKey) ([]seal.Key, error) {
	keys := make([]seal.Key, len(list))
	for i, key := range list {
		var err error
		if keys[i], err = v.masters.unwrap(key); err != nil {
			return nil, fmt.Errorf("open seal key %d: %w", key.ID, err)
		}
	}
	return keys, nil
}

// load takes up what another process has rotated.
func (v *vault) load(ctx context.Context) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	list, err := v.db.SealKeys(ctx)
	if err != nil {
		return err
	}
	m, err := readMasters(v.dir)
	if err != nil {
		return err
	}
	v.masters = m
	keys, err := v.unwrap(list)
	if err != nil {
		return err
	}
	v.keys = keys
	return v.ring.Set(keys)
}

// newest is the number of the key that seals.
func (v *vault) newest() int64 { return v.keys[0].ID }

// rotate makes a new master, where this program may, and a new seal key, and wraps the older ones with that master. It gives how many.
func (v *vault) rotate(ctx context.Context) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.masters.fixed && v.newestWrapsAll(ctx) {
		return 0, fmt.Errorf("%s holds no newer key: put one before the others (openssl rand -base64 32), start the program with it, and rotate again", keysVariable)
	}
	list, err := v.db.RotateSealKeys(ctx, v.begun, func(key postgres.SealKey) (postgres.SealKey, error) {
		open, err := v.masters.unwrap(key)
		if err != nil {
			return key, err
		}
		return wrapped(v.masters.list[0], open.Secret)
	})
	if err != nil {
		return 0, err
	}
	if v.keys, err = v.unwrap(list); err != nil {
		return 0, err
	}
	return len(list) - 1, v.ring.Set(v.keys)
}

// begun makes the new master, where this program may, on top of those that the file holds now: another process may have put one there since this one
// has read it, and whoever overwrote that would lose every secret.
func (v *vault) begun() (postgres.SealKey, error) {
	if !v.masters.fixed {
		now, err := readMasters(v.dir)
		if err != nil {
			return postgres.SealKey{}, err
		}
		fresh, err := seal.NewMaster(rand.Reader)
		if err == nil {
			err = now.add(fresh) // before anything is wrapped by it
		}
		if err != nil {
			return postgres.SealKey{}, err
		}
		v.masters = now
	}
	return v.fresh()
}

// forget removes the masters from the file that wrap nothing any more, and gives how many.
func (v *vault) forget(ctx context.Context) (dropped int, err error) {
	err = v.db.HoldSealKeys(ctx, func(list []postgres.SealKey) error {
		now, err := readMasters(v.dir)
		if err != nil {
			return err
		}
		dropped, err = now.forget(list)
		v.masters = now
		return err
	})
	return dropped, err
}

// newestWrapsAll tells whether there is no newer master than the one in use.
func (v *vault) newestWrapsAll(ctx context.Context) bool {
	list, err := v.db.SealKeys(ctx)
	for _, key := range list {
		if key.Master != v.masters.list[0].Name() {
			return false
		}
	}
	return err == nil
}

// open is a message as it leaves: what is sealed in it is opened for who may read it, and masked for everybody else.
func (v *vault) open(out crm.Outbound) (crm.Outbound, error) {
	if !seal.Holds(out.Text) {
		return out, nil
	}
	if !out.Reveal {
		out.Text = seal.Masked(out.Text)
		return out, nil
	}
	text, err := v.ring.Revealed(out.Text, html.EscapeString)
	if errors.Is(err, seal.ErrNoKey) { // rotated by another process a moment ago
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err = v.load(ctx); err == nil {
			text, err = v.ring.Revealed(out.Text, html.EscapeString)
		}
	}
	out.Text = text
	return out, err
}

// refreshVault takes up rotated keys within a minute.
func (y *system) refreshVault(ctx context.Context) {
	for ctx.Err() == nil {
		sleep(ctx, time.Minute)
		if err := y.vault.load(ctx); err != nil && ctx.Err() == nil {
			y.log.Warn("seal keys not refreshed", "err", err)
		}
	}
}
