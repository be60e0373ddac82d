package whatsapp

import "strings"

// base is the name of the first account.
const base = "whatsapp"

// Account gives the channel part of addresses for the name of a number; empty: the first one.
func Account(name string) string {
	if name == "" {
		return base
	}
	return base + ":" + name
}

// accountName is the name in the channel part of addresses.
func accountName(channel string) string {
	_, name, _ := strings.Cut(channel, ":")
	return name
}
