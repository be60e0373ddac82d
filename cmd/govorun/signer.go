package main

import (
	"context"
	"crypto/rand"
	"sync/atomic"
	"time"

	"govorun/crm"
	"govorun/crm/passport"
	"govorun/crm/postgres"
)

// signer signs and checks printed codes with keys that may be rotated while the program runs.
type signer struct {
	db   *postgres.DB
	keys atomic.Pointer[passport.Signer]
}

func newSigner(ctx context.Context, db *postgres.DB) (*signer, error) {
	s := &signer{db: db}
	return s, s.load(ctx)
}

func (s *signer) load(ctx context.Context) error {
	keys, err := s.db.QRKeys(ctx, rand.Reader)
	if err != nil {
		return err
	}
	s.keys.Store(&passport.Signer{Keys: keys})
	return nil
}

func (s *signer) verify(code string) (crm.AssetID, int, error) { return s.keys.Load().Verify(code) }

func (s *signer) sign(a crm.Asset) string { return s.keys.Load().Sign(a.ID, a.QRVersion) }

// refreshSigner takes up rotated keys within a minute.
func (y *system) refreshSigner(ctx context.Context) {
	for ctx.Err() == nil {
		sleep(ctx, time.Minute)
		if err := y.signer.load(ctx); err != nil && ctx.Err() == nil {
			y.log.Warn("signing keys not refreshed", "err", err)
		}
	}
}
