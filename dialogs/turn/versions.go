package turn

import (
	"context"
	"slices"
	"sync"

	"govorun/crm/postgres"
	"govorun/dialogs"
)

// versions keeps kits of dialogs that have changed since a conversation began on them.
type versions struct {
	mu  sync.Mutex
	old map[string]*dialogs.Kit // by dialog and version; nil when it can't be had
}

// of gives the kit on which a session goes on: today's, or that of the version it began on. A version that nobody kept
// is left for today's, state by state.
func (v *versions) of(g *group, s *dialogs.Session) *dialogs.Kit {
	r := g.Runner
	if s.Dialog == "" {
		return r.Kit
	}
	if d := r.Kit.Dialogs[s.Dialog]; d != nil && d.Version == s.Version {
		return r.Kit
	}
	if s.Insists() { // a stored dialog knows nothing of what somebody waits for
		*s = r.Kit.Adopt(*s)
		return r.Kit
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	key := s.Dialog + "@" + s.Version
	kit, ok := v.old[key]
	if !ok {
		source, err := g.tx.Definition(g.ctx, r.Kit.Name, s.Dialog, s.Version)
		if err == nil {
			kit, err = dialogs.RestoreKit(source)
		}
		if err != nil {
			r.Log.Error("old dialog can't be read", "dialog", s.Dialog, "version", s.Version, "err", err)
		}
		if v.old == nil {
			v.old = map[string]*dialogs.Kit{}
		}
		if err == nil || !postgres.Away(err) {
			v.old[key] = kit
		}
	}
	if kit == nil {
		*s = r.Kit.Adopt(*s)
		return r.Kit
	}
	return kit
}

// Keep stores today's dialogs, so that conversations that begin now can end on them, and what each role sees from now on.
func (r *Runner) Keep(ctx context.Context) error {
	if err := r.DB.KeepRoles(ctx, r.Kit.Scopes()); err != nil {
		return err
	}
	versions := map[string]string{}
	for name, d := range r.Kit.Dialogs {
		versions[name] = d.Version
	}
	missing, err := r.DB.MissingDefinitions(ctx, r.Kit.Name, versions)
	if err != nil {
		return err
	}
	for _, name := range missing {
		source, err := r.Kit.Source(name)
		if err != nil {
			return err
		}
		if err := r.DB.KeepDefinition(ctx, r.Kit.Name, name, versions[name], source); err != nil {
			return err
		}
	}
	return nil
}

func sorted(words []string) []string {
	slices.Sort(words)
	return words
}
