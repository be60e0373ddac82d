package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// assetColumns is what scanAsset reads.
const assetColumns = `id, kind, code, name, city, address, coalesce(crew_id, 0), fields, qr_version, disabled`

const (
	sqlAssetByPassport = `SELECT ` + assetColumns + ` FROM assets WHERE id = $1 AND qr_version = $2 AND NOT disabled`

	sqlAssetByCode = `SELECT ` + assetColumns + ` FROM assets WHERE kind = $1 AND code = $2`

	// Codes of digits are listed as numbers are: 9 before 10.
	sqlListAssets = `SELECT ` + assetColumns + ` FROM assets
		WHERE NOT disabled AND kind = $1 AND ($2::text[] IS NULL OR city = ANY($2)) AND ($3::text[] IS NULL OR code = ANY($3))
		ORDER BY city, CASE WHEN code ~ '^[0-9]{1,18}$' THEN code::bigint END NULLS LAST, code LIMIT $4`

	sqlRotateSticker = `UPDATE assets SET qr_version = qr_version + 1, updated_at = now() WHERE kind = $1 AND code = $2 RETURNING ` + assetColumns
)

// AssetByPassport returns the asset that a signed code names. It is crm.ErrNotFound when there is none, when it is disabled, and
// when the code is of an earlier sticker: to a stranger these look the same.
func (db *DB) AssetByPassport(ctx context.Context, id crm.AssetID, qrVersion int) (crm.Asset, error) {
	asset, err := db.oneAsset(ctx, sqlAssetByPassport, id, qrVersion)
	if err != nil {
		return crm.Asset{}, fmt.Errorf("find asset %d by its code: %w", id, err)
	}
	return asset, nil
}

// AssetByCode returns the asset with the number that people read on it, disabled ones too; crm.ErrNotFound when there is none.
func (db *DB) AssetByCode(ctx context.Context, kind, code string) (crm.Asset, error) {
	asset, err := db.oneAsset(ctx, sqlAssetByCode, kind, code)
	if err != nil {
		return crm.Asset{}, fmt.Errorf("find %s %q: %w", kind, code, err)
	}
	return asset, nil
}

// RotateSticker makes every code printed for this asset so far worthless and returns the asset with its new QRVersion;
// crm.ErrNotFound when there is none.
func (db *DB) RotateSticker(ctx context.Context, kind, code string) (crm.Asset, error) {
	asset, err := db.oneAsset(ctx, sqlRotateSticker, kind, code)
	if err != nil {
		return crm.Asset{}, fmt.Errorf("rotate sticker of %s %q: %w", kind, code, err)
	}
	return asset, nil
}

// AssetFilter picks assets of one kind for a list. Nil Cities or Codes mean all; Limit is at most how many, 0 means 100,000.
type AssetFilter struct {
	Kind   string
	Cities []string
	Codes  []string
	Limit  int
}

// maxListed bounds a list without a limit: 100,000 stickers are a pallet of paper.
const maxListed = 100_000

// ListAssets returns the assets in service that fit, by city and then by code as numbers are ordered.
func (db *DB) ListAssets(ctx context.Context, f AssetFilter) ([]crm.Asset, error) {
	limit := f.Limit
	if limit <= 0 || limit > maxListed {
		limit = maxListed
	}
	rows, err := db.Pool.Query(ctx, sqlListAssets, f.Kind, f.Cities, f.Codes, limit)
	if err != nil {
		return nil, fmt.Errorf("list assets: %w", domain(err))
	}
	assets, err := pgx.CollectRows(rows, scanAsset)
	if err != nil {
		return nil, fmt.Errorf("list assets: %w", domain(err))
	}
	return assets, nil
}

func (db *DB) oneAsset(ctx context.Context, sql string, args ...any) (crm.Asset, error) {
	rows, err := db.Pool.Query(ctx, sql, args...)
	if err != nil {
		return crm.Asset{}, domain(err)
	}
	asset, err := pgx.CollectExactlyOneRow(rows, scanAsset)
	return asset, domain(err)
}

func scanAsset(row pgx.CollectableRow) (a crm.Asset, err error) {
	err = row.Scan(&a.ID, &a.Kind, &a.Code, &a.Name, &a.City, &a.Address, &a.Crew, &a.Fields, &a.QRVersion, &a.Disabled)
	return a, err
}
