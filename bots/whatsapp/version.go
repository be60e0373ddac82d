package whatsapp

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/store"
)

const (
	// versionWait bounds the question which version WhatsApp's own page has: a connection does not wait longer for it.
	versionWait = 5 * time.Second
	// versionFresh is how long an answer is good for.
	versionFresh = 10 * time.Minute
)

// module is what brings the library up to date.
const module = "go.mau.fi/whatsmeow"

// UpdateCommand raises the library, when refreshing the version alone does not help any more.
const UpdateCommand = "go get " + module + "@latest && go build ./cmd/govorun"

// oneAtATime guards what the library keeps once for the process and reads while it connects: the web version and the key of the server.
var oneAtATime sync.Mutex

// freshVersion asks for the current web version and takes it when it is newer than ours. Only with the lock oneAtATime.
func freshVersion(ctx context.Context, web *http.Client) (raised bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, versionWait)
	defer cancel()
	latest, err := whatsmeow.GetLatestVersion(ctx, web)
	if err != nil {
		return false, errors.New("the page of WhatsApp does not tell its version") // the library's own error may quote the page
	}
	if !store.GetWAVersion().LessThan(*latest) {
		return false, nil
	}
	store.SetWAVersion(*latest)
	return true, nil
}

// LibraryDate is the day of the library's version that this program was built with; zero when it is not known.
func LibraryDate() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, m := range info.Deps {
		if m.Path == module {
			return dateOf(m.Version)
		}
	}
	return time.Time{}
}

// dateOf reads the time in a version such as v0.0.0-20260921121126-35ae40906e74.
func dateOf(version string) time.Time {
	for _, part := range strings.Split(version, "-") {
		if at, err := time.Parse("20060102150405", part[strings.LastIndexByte(part, '.')+1:]); err == nil {
			return at
		}
	}
	return time.Time{}
}
