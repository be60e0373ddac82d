package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"govorun/bots/whatsapp"
)

// numberFigures are the figures of WhatsApp numbers, by channel; numbers come and go while the program runs.
type numberFigures struct{ y *system }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("govorun_whatsapp_"+name, help, append([]string{"channel"}, labels...), nil)
}

// What is told of each number.
var (
	numberState    = describe("state", "1 for the state that the number is in.", "state")
	numberReceived = describe("received_total", "Messages that came in, redeliveries included.")
	numberAccepted = describe("accepted_total", "Messages that were committed.")
	numberIgnored  = describe("ignored_total", "Messages of groups, channels and broadcast lists.")
	numberSent     = describe("sent_total", "Messages sent.")
	numberFailed   = describe("failed_total", "Sends that failed, each try.")
)

// Describe implements prometheus.Collector.
func (n numberFigures) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{numberState, numberReceived, numberAccepted, numberIgnored, numberSent, numberFailed} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (n numberFigures) Collect(to chan<- prometheus.Metric) {
	for _, one := range n.y.accounts.list() {
		channel, is := one.channel.(*whatsapp.Channel)
		if !is {
			continue
		}
		name, s := channel.Name(), channel.Stats()
		to <- prometheus.MustNewConstMetric(numberState, prometheus.GaugeValue, 1, name, string(channel.State().Kind))
		for desc, value := range map[*prometheus.Desc]uint64{numberReceived: s.Received, numberAccepted: s.Accepted, numberIgnored: s.Ignored,
			numberSent: s.Sent, numberFailed: s.Failed} {
			to <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value), name)
		}
	}
}
