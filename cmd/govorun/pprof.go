package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"time"
)

// AfterApply opens the profiles of a running program to those on the same machine, when GOVORUN_PPROF names an address of
// loopback such as 127.0.0.1:6060. It is for developers and stands in no help.
func (c *serveCommand) AfterApply(std stdio) error {
	address := os.Getenv("GOVORUN_PPROF")
	if address == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return errors.New("GOVORUN_PPROF is no address of loopback, such as 127.0.0.1:6060: profiles show memory and are for this machine only")
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("serve profiles: %w. Choose another port with GOVORUN_PPROF", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener)
	fmt.Fprintf(std.err, "profiles on http://%s/debug/pprof/\n", listener.Addr())
	return nil
}
