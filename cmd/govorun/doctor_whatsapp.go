package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"govorun/bots/whatsapp"
	"govorun/crm"
	"govorun/crm/postgres"
)

const (
	// phoneDays is after how many days without its phone WhatsApp unlinks a number, phoneWarned when it is worth a line.
	phoneDays, phoneWarned = 14, 7
	// oldLibrary is an age of the WhatsApp library at which its version may be refused any day.
	oldLibrary = 90 * 24 * time.Hour
)

// numbers says of each number of WhatsApp how it is doing, with the fix.
func (d *doctor) numbers(ctx context.Context, db *postgres.DB) error {
	accounts, err := db.Accounts(ctx)
	if err != nil || len(accounts) == 0 {
		return err
	}
	d.linked = true
	states, err := db.ChannelStates(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		state := postgres.ChannelState{Channel: a.Channel}
		for _, s := range states {
			if s.Channel == a.Channel {
				state = s
			}
		}
		d.number(a, state)
		d.phone(a)
	}
	d.library(whatsapp.LibraryDate())
	return nil
}

// number judges the state of one.
func (d *doctor) number(a crm.Account, s postgres.ChannelState) {
	kind := whatsapp.StateKind(s.State)
	says := "linked, and no govorun serve has connected it yet"
	if s.State != "" {
		says = fmt.Sprintf("%s since %s", s.State, s.Since.Local().Format(time.DateTime))
	}
	pair := "govorun pair"
	if _, name, named := strings.Cut(a.Channel, ":"); named {
		pair += " --name " + name
	}
	switch {
	case a.Device == "":
		d.report(warning, a.Channel, "no number is linked any more; what is to be sent waits", pair)
	case kind == whatsapp.LoggedOut, kind == whatsapp.Unlinked, kind == whatsapp.Outdated, kind == whatsapp.Replaced:
		d.report(problem, a.Channel, says, s.Detail)
	case kind == whatsapp.Banned, kind == whatsapp.Offline, kind == whatsapp.PhoneUnseen, kind == whatsapp.StoreAway:
		d.report(warning, a.Channel, says, s.Detail)
	case s.State == "", kind == whatsapp.Stopped:
		d.report(warning, a.Channel, says, "govorun serve, if it is not running")
	default:
		d.ok(a.Channel, "%s, in use for %s", says, many(int(d.now().Sub(a.Since).Hours()/24), "day"))
	}
}

// phone judges how long the phone of a number was away.
func (d *doctor) phone(a crm.Account) {
	days := int(d.now().Sub(a.SeenAt).Hours() / 24)
	left := phoneDays - days
	switch {
	case a.Device == "":
	case left <= 0:
		d.report(problem, a.Channel, fmt.Sprintf("its phone was not seen for %s: WhatsApp has unlinked it, or will today", many(days, "day")), "open WhatsApp on the phone, on the internet")
	case days >= phoneWarned:
		d.report(warning, a.Channel, fmt.Sprintf("its phone was not seen for %s; in %s WhatsApp unlinks it", many(days, "day"), many(left, "day")), "open WhatsApp on the phone, on the internet")
	default:
		d.ok(a.Channel, "its phone was seen %s ago; %s are left", many(days, "day"), many(left, "day"))
	}
}

// library judges the age of the WhatsApp library.
func (d *doctor) library(made time.Time) {
	if made.IsZero() {
		return
	}
	if age := d.now().Sub(made); age > oldLibrary {
		d.report(warning, "whatsapp", fmt.Sprintf("the library is of %s: WhatsApp refuses old ones without notice", made.Format(time.DateOnly)), whatsapp.UpdateCommand)
	} else {
		d.ok("whatsapp", "the library is of %s", made.Format(time.DateOnly))
	}
}
