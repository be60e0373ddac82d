package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"govorun/bots/whatsapp"
)

// numberFigures are the figures of WhatsApp numbers, by channel; numbers come and go while the program runs.
type numberFigures struct{ y *system }

// What is told.
var (
	numberState      = gauge("whatsapp_state", "1 for the state that the number is in.", "channel", "state")
	numberReceived   = figure("whatsapp_received_total", "Messages that came in, redeliveries included.", "channel")
	numberAccepted   = figure("whatsapp_accepted_total", "Messages that were committed.", "channel")
	numberIgnored    = figure("whatsapp_ignored_total", "Messages of groups, channels and broadcast lists.", "channel")
	numberUnread     = figure("whatsapp_unread_total", "Messages that could not be opened when they came.", "channel")
	numberSent       = figure("whatsapp_sent_total", "Messages sent.", "channel")
	numberFailed     = figure("whatsapp_failed_total", "Sends that failed, each try.", "channel")
	numberReconnects = figure("whatsapp_reconnects_total", "Connections after the first.", "channel")
)

// Describe implements prometheus.Collector.
func (n numberFigures) Describe(to chan<- *prometheus.Desc) {
	announce(to, numberState, numberReceived, numberAccepted, numberIgnored, numberUnread, numberSent, numberFailed, numberReconnects)
}

// Collect implements prometheus.Collector.
func (n numberFigures) Collect(to chan<- prometheus.Metric) {
	for _, one := range n.y.accounts.list() {
		channel, is := one.channel.(*whatsapp.Channel)
		if !is {
			continue
		}
		name, s := channel.Name(), channel.Stats()
		numberState.is(to, 1, name, string(channel.State().Kind))
		numberReceived.is(to, float64(s.Received), name)
		numberAccepted.is(to, float64(s.Accepted), name)
		numberIgnored.is(to, float64(s.Ignored), name)
		numberUnread.is(to, float64(s.Unread), name)
		numberSent.is(to, float64(s.Sent), name)
		numberFailed.is(to, float64(s.Failed), name)
		numberReconnects.is(to, float64(s.Reconnects), name)
	}
}
