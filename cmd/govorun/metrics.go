package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the figures for Prometheus: what this process counts, and what waits in the database for all processes together.
func (y *system) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(y.figures()...)
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// figures are all of ours, whether or not there is something to tell of each in this setup.
func (y *system) figures() []prometheus.Collector {
	return []prometheus.Collector{y.turned.done, y.turned.again, y.turned.refused, y.turned.seconds,
		outboxFigures{y}, telegramFigures{y}, numberFigures{y}, newBaseFigures(y), poolFigures{y}}
}

// family is one figure: its description and what kind it is.
type family struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

// figure is a number that only grows while the process lives.
func figure(name, help string, labels ...string) family {
	return family{prometheus.NewDesc("govorun_"+name, help, labels, nil), prometheus.CounterValue}
}

// gauge is a number that goes up and down.
func gauge(name, help string, labels ...string) family {
	return family{prometheus.NewDesc("govorun_"+name, help, labels, nil), prometheus.GaugeValue}
}

// is sends one value of a figure.
func (f family) is(to chan<- prometheus.Metric, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(f.desc, f.kind, value, labels...)
}

// announce sends the descriptions of a collector's figures.
func announce(to chan<- *prometheus.Desc, all ...family) {
	for _, f := range all {
		to <- f.desc
	}
}

// yes is a truth as a figure.
func yes(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
