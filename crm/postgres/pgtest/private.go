package pgtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"govorun/crm/postgres/cluster"
	"govorun/crm/postgres/testroom"
)

// folderPattern names the temporary folders of test servers.
const folderPattern = "govorun-test-*"

// startPrivate starts a server without durability in a new temporary folder, and removes the folders of servers whose
// test binary was killed.
func startPrivate(ctx context.Context) (*cluster.Cluster, error) {
	sweep(ctx)
	dir, err := os.MkdirTemp(testroom.Base(), folderPattern)
	if err != nil {
		return nil, fmt.Errorf("make folder of test server: %w", err)
	}
	c, err := cluster.Start(ctx, cluster.Options{Dir: dir, Fast: true, Prepared: true})
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return c, nil
}

// sweep removes the folders of servers that nobody uses any more. A young folder may not have been locked yet, and one
// that cannot be removed belongs to somebody else.
func sweep(ctx context.Context) {
	dirs, _ := filepath.Glob(filepath.Join(testroom.Base(), folderPattern)) // the pattern is valid
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > time.Minute {
			_ = cluster.Remove(ctx, dir)
		}
	}
}
