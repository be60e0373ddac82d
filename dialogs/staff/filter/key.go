package filter

import "govorun/crm"

// reads is how the values of a key are read.
type reads int

const (
	asCity reads = iota
	asStage
	asPipeline
	asOwner
	asCrew
	asNumber
	asPhone
	asCode
	asWords
	asDates
	asAge
	asSort
)

// key is a key of the language: its words are find.<name>_words.
type key struct {
	name  string
	by    crm.FilterKey
	reads reads
}

// keys are all keys, in the order in which they are listed. Of a word that two of them claim the first one has it.
var keys = []key{
	{"city", crm.ByCity, asCity},
	{"status", crm.ByStatus, asStage},
	{"stage", crm.ByStage, asStage},
	{"pipeline", crm.ByPipeline, asPipeline},
	{"owner", crm.ByOwner, asOwner},
	{"crew", crm.ByCrew, asCrew},
	{"number", crm.ByNumber, asNumber},
	{"phone", crm.ByPhone, asPhone},
	{"name", crm.ByName, asWords},
	{"address", crm.ByAddress, asWords},
	{"code", crm.ByCode, asCode},
	{"text", crm.ByText, asWords},
	{"source", crm.BySource, asWords},
	{"any", crm.ByAny, asWords},
	{"created", crm.ByCreated, asDates},
	{"since", crm.ByCreated, asDates},
	{"until", crm.ByCreated, asDates},
	{"older", crm.ByCreated, asAge},
	{"newer", crm.ByCreated, asAge},
	{"stuck", crm.ByEntered, asAge},
	{"entered", crm.ByEntered, asDates},
	{"closed", crm.ByClosed, asDates},
	{"due", crm.ByDue, asDates},
	{"visit", crm.ByVisit, asDates},
	{"day", crm.ByDay, asDates},
	{"sort", "", asSort},
}

func keyOf(name string) *key {
	for i := range keys {
		if keys[i].name == name {
			return &keys[i]
		}
	}
	return nil
}

// specials are words that are conditions by themselves.
var specials = []string{"new", "overdue", "free", "mine", "open", "won", "lost", "closed_all", "all"}

// statuses are what the words of statuses mean.
func statuses(name string) []string {
	switch name {
	case "open", "won", "lost":
		return []string{name}
	case "closed_all":
		return []string{string(crm.DealWon), string(crm.DealLost)}
	case "all":
		return []string{string(crm.DealOpen), string(crm.DealWon), string(crm.DealLost)}
	}
	return nil
}

// valueWords are words with a meaning inside of values, or around them.
var valueWords = []string{"me", "nobody", "not", "ignore", "descending", "sort_number", "sort_entered", "sort_due", "sort_visit", "sort_city"}

// sorts are the orders by the words for them.
var sorts = []struct {
	name string
	sort crm.Sort
}{{"sort_number", crm.SortNumber}, {"sort_entered", crm.SortEntered}, {"sort_due", crm.SortDue}, {"sort_visit", crm.SortVisit}, {"sort_city", crm.SortCity}}
