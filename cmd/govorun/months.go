package main

import (
	"context"
	"time"
)

// monthsEvery is how often it is looked whether a month begins: ids of the old one go on until then, which harms nobody.
const monthsEvery = time.Hour

// keepMonths lets messages and events begin each month in tables of their own, made two months ahead. What fails is tried again at the next look.
func (y *system) keepMonths(ctx context.Context) {
	for sleep(ctx, monthsEvery); ctx.Err() == nil; sleep(ctx, monthsEvery) {
		changed, err := y.db.KeepMonths(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			y.log.Warn("months_not_kept", "err", err)
		case changed:
			y.log.Info("months_kept")
		}
	}
}
