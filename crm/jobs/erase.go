package jobs

import (
	"context"
	"log/slog"
	"time"

	"govorun/crm/postgres"
)

// eraseTick is how often is looked for files that nobody has any more.
const eraseTick = 5 * time.Second

// Eraser removes the bytes of those who were forgotten, and of what is kept no longer, as soon as no attachment refers to them.
type Eraser struct {
	DB    *postgres.DB
	Files *Files
	Log   *slog.Logger
	next  int // folder that is swept next
}

// Run removes files until ctx ends. What can't be removed is tried again.
func (e *Eraser) Run(ctx context.Context) {
	tick := time.NewTicker(eraseTick)
	defer tick.Stop()
	sweep := time.NewTicker(sweepTick)
	defer sweep.Stop()
	failing := false
	for {
		removed, err := e.RunDue(ctx)
		if removed > 0 {
			e.Log.Info("files removed", "files", removed)
		}
		if err != nil && ctx.Err() == nil && !failing {
			e.Log.Error("files that nobody has any more stay on the disk", "err", err)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-sweep.C:
			if err := e.sweepOne(ctx); err != nil && ctx.Err() == nil {
				e.Log.Warn("files without attachments are not looked for", "err", err)
			}
		}
	}
}

// RunDue removes the files that nobody has now and gives their number.
func (e *Eraser) RunDue(ctx context.Context) (int, error) {
	return e.DB.EraseFiles(ctx, e.Files.Remove)
}
