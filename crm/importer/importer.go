// Package importer reads lists of machines and of staff from CSV files as spreadsheets write them, and stores them whole or not at all.
//
// It knows encodings, separators and headers; the SQL is in crm/postgres. A wrong row is reported with its line, column and
// reason, all of them at once, and as long as there is one, nothing is stored.
package importer

import (
	"fmt"

	"govorun/crm/postgres"
)

const (
	// MaxBytes is the largest file taken: a million rows are about 100 MB.
	MaxBytes = 200 << 20
	// MaxRows is the most rows taken from one file.
	MaxRows = 1_000_000
	// maxShown is how many problems a report lists; all are counted.
	maxShown = 1000
	// maxColumns and maxCell bound one row; a longer cell is a quote that was not closed.
	maxColumns = 100
	maxCell    = 4000
	// maxCode is the longest number of a machine that is looked up.
	maxCode = 32
	// maxName bounds names of people, machines, cities and crews.
	maxName = 200
)

// Options say how to import. The zero value stores machines, and staff of Telegram.
type Options struct {
	// Dry counts and checks as if it stored, and stores nothing.
	Dry bool
	// Kind is the kind of rows that have no column "kind"; empty means "machine".
	Kind string
	// Code brings the number of a machine to the form in which what people type is looked up, empty when it has none
	// (slot.AssetCode); nil keeps numbers as they are written.
	Code func(string) string
	// Phone brings a phone number to E.164, empty when it is none; nil takes those that are written so (+77071234567).
	Phone func(string) string
	// City gives the name under which the kit knows a city, or what is wrong with the word; nil keeps cities as they are written. People see
	// the deals of their city by that name.
	City func(string) (name, wrong string)
	// Channel is the channel account of the Telegram ids; empty means "telegram".
	Channel string
	// Roles are the kit's roles by every lower-case word that may stand for them ("техник" → "technician"); nil takes any word.
	Roles map[string]string
	// Progress, when set, is told how many rows of how many have been sent to the database.
	Progress func(done, total int)
}

// Report says what an import did, or in a dry run would do. Wrong counts rows with a problem, and when it is not zero nothing was stored:
// New, Changed and Same then speak of the rows that are right.
type Report struct {
	New, Changed, Same, Wrong int
	Problems                  []Problem // the first thousand, by line
	Encoding                  string    // "UTF-8", "UTF-16" or "windows-1251", as detected
	Fields                    []string  // the columns that went into fields
	Stored                    bool
}

// Problem is one thing that is wrong in a file. Line counts from 1 and includes the header; Column is the header of the
// cell, empty when the whole row is meant.
type Problem struct {
	Line   int
	Column string
	Reason string
}

// String gives the problem as one line for people.
func (p Problem) String() string {
	if p.Column == "" {
		return fmt.Sprintf("line %d: %s", p.Line, p.Reason)
	}
	return fmt.Sprintf("line %d, column %q: %s", p.Line, p.Column, p.Reason)
}

// set is the outcome of reading a file: rows that are right, and what is wrong with the others.
type set[row any] struct {
	rows     []row
	wrong    int
	problems []Problem
}

// refuse counts a row as wrong and keeps its problems while there is room.
func (s *set[row]) refuse(problems []Problem) {
	s.wrong++
	room := maxShown - len(s.problems)
	s.problems = append(s.problems, problems[:min(room, len(problems))]...)
}

// report turns what was read and what was counted into a Report.
func (s *set[row]) report(t *table, n postgres.ImportCounts) Report {
	return Report{
		New: n.New, Changed: n.Changed, Same: n.Same, Wrong: s.wrong,
		Problems: s.problems, Encoding: t.encoding, Fields: t.fields(),
	}
}

// storing gives the options of the write: dry when asked for, and when a row is wrong.
func (s *set[row]) storing(o Options) postgres.ImportOptions {
	write := postgres.ImportOptions{Dry: o.Dry || s.wrong > 0}
	if o.Progress != nil {
		write.Progress = func(done int) { o.Progress(done, len(s.rows)) }
	}
	return write
}

// city is the name of a city under which it is kept.
func (o Options) city(value string) (name, wrong string) {
	if o.City == nil || value == "" {
		return value, ""
	}
	return o.City(value)
}
