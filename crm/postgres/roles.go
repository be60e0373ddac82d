package postgres

import (
	"context"

	"govorun/crm"
)

// sqlKeepRoles forgets the roles that went: whoever still has one sees no more than their own deals.
const sqlKeepRoles = `WITH kept AS (
		INSERT INTO role_scopes (role, sees, pipelines)
		SELECT role, sees, CASE WHEN anyway THEN NULL ELSE coalesce(string_to_array(nullif(pipelines, ''), ','), '{}') END
		FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[]) AS u(role, sees, pipelines, anyway)
		ON CONFLICT ON CONSTRAINT role_scopes_pkey DO UPDATE SET sees = excluded.sees, pipelines = excluded.pipelines
		WHERE (role_scopes.sees, role_scopes.pipelines) IS DISTINCT FROM (excluded.sees, excluded.pipelines))
	DELETE FROM role_scopes WHERE role <> ALL ($1)`

// KeepRoles writes what each role of the kit sees: the policies go by it from now on, for every process.
func (db *DB) KeepRoles(ctx context.Context, scopes []crm.RoleScope) error {
	roles, sees, pipelines, anyway := make([]string, len(scopes)), make([]string, len(scopes)), make([]string, len(scopes)), make([]bool, len(scopes))
	for i, s := range scopes {
		roles[i], sees[i], anyway[i] = s.Role, string(s.Sees), s.Pipelines == nil
		for n, p := range s.Pipelines {
			if n > 0 {
				pipelines[i] += ","
			}
			pipelines[i] += p
		}
	}
	_, err := db.Pool.Exec(ctx, sqlKeepRoles, roles, sees, pipelines, anyway)
	return wrap(err, "write what roles see")
}
