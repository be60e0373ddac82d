package main

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"govorun/bots/telegram"
)

// zones looks whether this machine's time zone data knows what was decided lately: one that is older moves every reminder by an hour.
func (d *doctor) zones() {
	const place = "Asia/Almaty" // an hour less since 1 March 2024
	zone, err := time.LoadLocation(place)
	if err != nil {
		d.report(problem, "time zones", "there is no data: "+err.Error(), "apt install tzdata, or unset ZONEINFO")
		return
	}
	if _, offset := time.Date(2025, 1, 1, 0, 0, 0, 0, zone).Zone(); offset != 5*3600 {
		d.report(problem, "time zones", fmt.Sprintf("the data of this machine is of before 2024: it takes %s for %+d hours", place, offset/3600), "apt install --only-upgrade tzdata, or unset ZONEINFO; without any the program uses its own")
		return
	}
	d.ok("time zones", "the data is new enough")
}

// doors looks at settings that open more than somebody may want.
func (d *doctor) doors() {
	if _, err := readAPIKeys(); err != nil {
		d.wrong("keys of forms", err)
	}
	if address := os.Getenv("GOVORUN_PPROF"); address != "" {
		d.report(warning, "profiles", "they are open at "+address, "unset GOVORUN_PPROF when you have looked at them")
	}
	if api := d.telegram.API; api != "" && api != telegram.DefaultAPI {
		d.ok("telegram", "it is asked at %s, not at Telegram's own address", bareAddress(api))
	}
	if public := d.settings.Public; public != "" && !strings.HasPrefix(public, "https://") {
		d.report(problem, "links", "GOVORUN_PUBLIC is no https address: links to files would be read on the way", "name an https address, or unset it to have files sent into chats")
	}
}

// bareAddress is an address without what may be a secret in it.
func bareAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that can't be read"
	}
	return u.Scheme + "://" + u.Host
}
