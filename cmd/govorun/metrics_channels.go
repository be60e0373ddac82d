package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"govorun/bots/telegram"
)

// outboxFigures tell of sending, by channel. Accounts come and go while the program runs.
type outboxFigures struct{ y *system }

// What is told.
var (
	outboxLeading = gauge("outbox_leading", "1 in the process that sends for the channel.", "channel")
	outboxPaused  = gauge("outbox_paused", "1 while the account can't send and its messages wait.", "channel")
	outboxDepth   = gauge("outbox_depth", "Messages that wait to be sent, in the memory of this process.", "channel")
	outboxOldest  = gauge("outbox_oldest_seconds", "How long the first of these messages has been waiting.", "channel")
	outboxSent    = figure("outbox_sent_total", "Messages sent.", "channel")
	outboxFailed  = figure("outbox_failed_total", "Messages given up: blocked, refused or dead.", "channel")
	outboxDead    = figure("outbox_dead_total", "Messages that became dead letters.", "channel")
	outboxRetries = figure("outbox_retries_total", "Tries that failed and are repeated.", "channel")
	outboxWaits   = figure("outbox_waits_total", "Times the provider asked to wait.", "channel")
)

// Describe implements prometheus.Collector.
func (f outboxFigures) Describe(to chan<- *prometheus.Desc) {
	announce(to, outboxLeading, outboxPaused, outboxDepth, outboxOldest, outboxSent, outboxFailed, outboxDead, outboxRetries, outboxWaits)
}

// Collect implements prometheus.Collector.
func (f outboxFigures) Collect(to chan<- prometheus.Metric) {
	for _, one := range f.y.accounts.list() {
		name, s := one.channel.Name(), one.outbox.Stats()
		outboxLeading.is(to, yes(s.Leading), name)
		outboxPaused.is(to, yes(s.Paused), name)
		outboxDepth.is(to, float64(s.Depth), name)
		outboxOldest.is(to, s.Oldest.Seconds(), name)
		outboxSent.is(to, float64(s.Sent), name)
		outboxFailed.is(to, float64(s.Failed), name)
		outboxDead.is(to, float64(s.Dead), name)
		outboxRetries.is(to, float64(s.Retries), name)
		outboxWaits.is(to, float64(s.Waits), name)
	}
}

// telegramFigures tell how the bot listens.
type telegramFigures struct{ y *system }

// What is told.
var (
	telegramState        = gauge("telegram_state", "1 for the state that the bot is in.", "state")
	telegramListening    = gauge("channel_listening", "1 while the bot listens in this process.")
	telegramStandby      = gauge("telegram_standby", "1 while another process polls and this one stands by.")
	telegramReceived     = figure("updates_received_total", "Updates that came from Telegram, redeliveries included.")
	telegramAccepted     = figure("updates_accepted_total", "Updates that were committed.")
	telegramRefused      = figure("updates_refused_total", "Tries to store an update that failed; they are repeated.")
	telegramPassed       = figure("updates_given_up_total", "Updates passed over because they could not be stored too often.")
	telegramMalformed    = figure("webhook_malformed_total", "Bodies that were no update.")
	telegramUnauthorized = figure("webhook_unauthorized_total", "Calls of the webhook without the secret.")
)

// Describe implements prometheus.Collector.
func (f telegramFigures) Describe(to chan<- *prometheus.Desc) {
	announce(to, telegramState, telegramListening, telegramStandby, telegramReceived, telegramAccepted, telegramRefused, telegramPassed, telegramMalformed, telegramUnauthorized)
}

// Collect implements prometheus.Collector.
func (f telegramFigures) Collect(to chan<- prometheus.Metric) {
	if f.y.telegram == nil {
		return
	}
	now, s := f.y.telegram.State(), f.y.telegram.Stats()
	telegramState.is(to, 1, string(now.Kind))
	telegramListening.is(to, yes(now.Kind == telegram.Listening))
	telegramStandby.is(to, yes(f.y.standby.Load()))
	telegramReceived.is(to, float64(s.Received))
	telegramAccepted.is(to, float64(s.Accepted))
	telegramRefused.is(to, float64(s.Refused))
	telegramPassed.is(to, float64(s.GivenUp))
	telegramMalformed.is(to, float64(s.Malformed))
	telegramUnauthorized.is(to, float64(s.Unauthorized))
}
