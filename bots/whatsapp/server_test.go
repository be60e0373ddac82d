package whatsapp

import (
	"net"
	"net/http"
	"testing"
	"time"
)

func TestNoAnswerLeadsAwayFromTheHostsOfWhatsApp(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"https://media.fala1-1.fna.whatsapp.net/x":  true,
		"https://web.whatsapp.com/sw.js":            true,
		"http://media.whatsapp.net/x":               false,
		"https://169.254.169.254/latest/meta-data":  false,
		"https://evilwhatsapp.net/":                 false,
		"https://media.whatsapp.net.example.com/":   false,
		"https://media.whatsapp.net:5432/":          false,
		"https://media.whatsapp.net@127.0.0.1/file": false,
	} {
		to, err := http.NewRequest(http.MethodGet, address, nil)
		well(t, err)
		for name, server := range map[string]Server{"its own": {}, "a stand-in": {Address: "127.0.0.1:1"}} {
			if err := server.client().CheckRedirect(to, make([]*http.Request, 1)); (err == nil) != good {
				t.Errorf("%s, from %s: %v", address, name, err)
			}
		}
	}
	to, _ := http.NewRequest(http.MethodGet, "https://media.whatsapp.net/x", nil)
	if redirected(to, make([]*http.Request, maxRedirects+1)) == nil {
		t.Error("it goes round in circles")
	}
}

func TestCloseDoesNotWaitForAServerThatNeverAnswers(t *testing.T) {
	o := newOffice(t) // alone: it holds what all connections of the process need
	o.link(7, false)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	well(t, err)
	defer silent.Close()
	o.config.Server.Address = silent.Addr().String()
	c := o.run()
	called, err := silent.Accept()
	well(t, err)
	defer called.Close()
	begun := time.Now()
	c.Close()
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("it took %s", took)
	}
}
