package main

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"govorun/crm/postgres"
)

// monthHead is the name of what a file of a month says of itself.
const monthHead = "month.json"

// writeMonth writes a month that stands apart into a new file, and gives what it holds when all of it is on disk.
func writeMonth(ctx context.Context, db *postgres.DB, name, path string) (head postgres.ArchiveHead, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return head, fmt.Errorf("make the file of month %s (which stands apart; call the same again with another file): %w", name, err)
	}
	packed := zip.NewWriter(file)
	head, err = db.WriteMonth(ctx, name, func(table string) (io.Writer, error) { return packed.Create(table + ".csv") })
	if err == nil {
		var to io.Writer
		if to, err = packed.Create(monthHead); err == nil {
			err = json.NewEncoder(to).Encode(head)
		}
	}
	if err = errors.Join(err, packed.Close()); err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = settled(path) // the rows are removed from the database next
	}
	if err != nil {
		return head, errors.Join(fmt.Errorf("write month %s into %s: %w", name, path, err), os.Remove(path))
	}
	return head, nil
}

// readMonth brings a month back from its file and tells how many rows were left out.
func readMonth(ctx context.Context, db *postgres.DB, path string) (month string, left int64, err error) {
	packed, err := zip.OpenReader(path)
	if err != nil {
		return "", 0, fmt.Errorf("read %s, a file of `govorun archive detach --to`: %w", path, err)
	}
	defer packed.Close()
	var head postgres.ArchiveHead
	said, err := packed.Open(monthHead)
	if err != nil {
		return "", 0, fmt.Errorf("%s is no file of a month: %w", path, err)
	}
	err = json.NewDecoder(said).Decode(&head)
	if err = errors.Join(err, said.Close()); err != nil {
		return "", 0, fmt.Errorf("%s is no file of a month: %w", path, err)
	}
	left, err = db.ReadMonth(ctx, head, func(table string) (io.Reader, error) { return packed.Open(table + ".csv") })
	return head.Month, left, err
}
