package whatsapp

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"go.mau.fi/libsignal/logger"
	"go.mau.fi/whatsmeow/proto/waCompanionReg"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
	waLog "go.mau.fi/whatsmeow/util/log"

	"govorun/bots"
)

// deviceName is how the link is called on the phone, among its linked devices.
const deviceName = "Govorun"

// Prepare makes the library's tables in a store, or brings them up to date. One program at a time may.
func Prepare(ctx context.Context, db *sql.DB) error {
	if err := sqlstore.NewWithDB(db, "postgres", nil).Upgrade(ctx); err != nil {
		return fmt.Errorf("bring the tables of WhatsApp up to date: %w", err)
	}
	return nil
}

// library sets what the library keeps once for the whole process: how a link is called, and that its ciphers print nothing.
var library = sync.OnceFunc(func() {
	name, kind := deviceName, waCompanionReg.DeviceProps_CHROME
	store.DeviceProps.Os, store.DeviceProps.PlatformType = &name, &kind
	var quiet logger.Loggable = silence{}
	logger.Setup(&quiet)
})

// openStore makes the library's view of its tables.
func openStore(db *sql.DB, log *slog.Logger) *sqlstore.Container {
	library()
	return sqlstore.NewWithDB(db, "postgres", libraryLog{log, ""})
}

// deviceOf finds a linked device; nil when it is not linked any more.
func deviceOf(ctx context.Context, from *sqlstore.Container, id string) (*store.Device, error) {
	jid, err := types.ParseJID(id)
	if err != nil {
		return nil, fmt.Errorf("read the id of a linked device: %w", bots.Reason(scrubbed(err)))
	}
	device, err := from.GetDevice(ctx, jid)
	if err != nil {
		return nil, fmt.Errorf("load a linked device: %w", err)
	}
	return device, nil
}

// libraryLog hands on what the library logs, one step quieter, and without what it puts into its sentences: there are numbers, names
// and whole messages among that. Of errors the kind is told.
type libraryLog struct {
	log    *slog.Logger
	module string
}

var _ waLog.Logger = libraryLog{}

func (l libraryLog) Errorf(text string, args ...any) { l.say(slog.LevelWarn, text, args) }
func (l libraryLog) Warnf(text string, args ...any)  { l.say(slog.LevelInfo, text, args) }
func (l libraryLog) Infof(text string, args ...any)  { l.say(slog.LevelDebug, text, args) }
func (l libraryLog) Debugf(string, ...any)           {}

// Sub gives the log of a part of the library.
func (l libraryLog) Sub(module string) waLog.Logger {
	return libraryLog{l.log, strings.TrimPrefix(l.module+"/"+module, "/")}
}

func (l libraryLog) say(level slog.Level, text string, args []any) {
	if !l.log.Enabled(context.Background(), level) {
		return
	}
	attrs := []slog.Attr{slog.String("says", strings.TrimSpace(text))}
	if l.module != "" {
		attrs = append(attrs, slog.String("part", l.module))
	}
	for _, arg := range args {
		switch arg := arg.(type) {
		case error:
			attrs = append(attrs, slog.String("error", kindOf(arg)))
		case int, bool:
			attrs = append(attrs, slog.Any("value", arg))
		}
	}
	l.log.LogAttrs(context.Background(), level, "whatsapp library", attrs...)
}

// kindOf names the types in a chain of errors, the outermost first: their words may be about people.
func kindOf(err error) string {
	var kinds []string
	for err != nil && len(kinds) < 8 {
		kinds = append(kinds, fmt.Sprintf("%T", err))
		wrapped, ok := err.(interface{ Unwrap() error })
		if !ok {
			break
		}
		err = wrapped.Unwrap()
	}
	return strings.Join(kinds, " ")
}

// silence takes what the library's ciphers would print to the standard output.
type silence struct{}

func (silence) Debug(string, string)   {}
func (silence) Info(string, string)    {}
func (silence) Warning(string, string) {}
func (silence) Error(string, string)   {}
func (silence) Configure(string)       {}
