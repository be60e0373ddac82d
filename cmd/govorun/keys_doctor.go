package main

import (
	"context"
	"database/sql"
	"fmt"

	"govorun/crm/postgres"
)

const sqlDoctorKeys = `SELECT id, wrapped, master FROM seal_keys ORDER BY id DESC`

// keys looks whether the secrets of the database open with the keys outside of it.
func (d *doctor) keys(ctx context.Context, db *sql.DB) {
	m, err := readMasters(d.settings.Data)
	if err != nil {
		d.wrong("keys", err)
		return
	}
	list, err := sealKeys(ctx, db)
	switch {
	case err != nil:
		d.wrong("keys", fmt.Errorf("read the seal keys: %w", err))
		return
	case len(list) == 0 && len(m.list) == 0:
		d.ok("keys", "%s will be made at the first start; keep a copy of it apart from the database", m.from)
		return
	case len(list) == 0:
		d.ok("keys", "%s holds %s; nothing is sealed yet", m.from, many(len(m.list), "master"))
		return
	}
	for _, key := range list {
		if _, err := m.unwrap(key); err != nil {
			d.wrong("keys", err)
			return
		}
	}
	d.ok("keys", "%s opens all secrets; keep a copy of it apart from the database", m.from)
}

func sealKeys(ctx context.Context, db *sql.DB) (list []postgres.SealKey, err error) {
	rows, err := db.QueryContext(ctx, sqlDoctorKeys)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var key postgres.SealKey
		if err := rows.Scan(&key.ID, &key.Wrapped, &key.Master); err != nil {
			return nil, err
		}
		list = append(list, key)
	}
	return list, rows.Err()
}
