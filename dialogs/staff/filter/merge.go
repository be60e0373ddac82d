package filter

import (
	"slices"

	"govorun/crm"
)

// merge makes one condition of two bare ones of a kind that stand together: a deal is in one city only, so “Казань Москва” means either.
func (r *reader) merge(count int) {
	all := r.filter.Conditions
	if len(all) != count+1 || count != r.bareUpTo {
		r.bareUpTo = len(all)
		return
	}
	r.bareUpTo = len(all)
	if count == 0 {
		return
	}
	a, b := all[count-1], all[count]
	if a.Key != b.Key || a.Not || b.Not || !slices.Contains([]crm.FilterKey{crm.ByCity, crm.ByStage, crm.ByStatus, crm.ByPipeline, crm.ByCrew}, a.Key) || len(a.Words)+len(a.IDs)+1 > maxValues {
		return
	}
	a.Words, a.Stages, a.IDs = union(a.Words, b.Words), union(a.Stages, b.Stages), union(a.IDs, b.IDs)
	a.Written = write(a, r.World)
	r.filter.Conditions = append(slices.Clone(all[:count-1]), a)
	r.bareUpTo = count
}

// union adds what is not there yet.
func union[T comparable](a, b []T) []T {
	a = slices.Clone(a)
	for _, v := range b {
		if !slices.Contains(a, v) {
			a = append(a, v)
		}
	}
	return a
}
