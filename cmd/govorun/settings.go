package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"govorun/dialogs"
	"govorun/dialogs/kits"
)

// settings are what commands share. Secrets come from the environment only, so that no process list shows them.
type settings struct {
	Data     string `env:"GOVORUN_DATA" default:"${data}" type:"path" help:"Folder for the private database and files."`
	Database string `env:"DATABASE_URL" help:"A PostgreSQL 14–18 database; without it a private one is run." placeholder:"URL"`
	Direct   string `name:"database-direct" env:"GOVORUN_DATABASE_DIRECT" help:"The same database past the pooler (pgbouncer) that DATABASE_URL leads through." placeholder:"URL"`
	Kit      string `env:"GOVORUN_KIT" default:"vending" help:"The business: a built-in kit or a folder." placeholder:"KIT"`
	Public   string `env:"GOVORUN_PUBLIC" placeholder:"URL" help:"Public https address of the web server, for links to files; without it files are sent into the chat."`
	LogLevel string `name:"log" env:"GOVORUN_LOG" default:"info" help:"debug, info, warn or error."`
	LogLines string `name:"log-format" env:"GOVORUN_LOG_FORMAT" enum:"text,json" default:"text" help:"Form of the lines of serve: text or json."`
}

// defaultData is where data is kept when nothing is said: the place for state of the system for root, of the person else.
func defaultData() string {
	if os.Geteuid() == 0 {
		return "/var/lib/govorun"
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "govorun")
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "share", "govorun")
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("govorun-%d", os.Geteuid()))
}

// openKit reads and checks a kit: a built-in one by its name, or a folder; one that is called like a built-in kit needs the slash of ./vending.
func openKit(name string) (*dialogs.Kit, error) {
	files, err := kitFiles(name)
	if err != nil {
		return nil, err
	}
	kit, err := dialogs.Load(files)
	var problems dialogs.Problems
	if errors.As(err, &problems) {
		return nil, fmt.Errorf("kit %s has %d mistakes; `govorun check %s` lists them. The first: %v", name, len(problems), name, problems[0])
	}
	return kit, err
}

func kitFiles(name string) (fs.FS, error) {
	if slices.Contains(kits.Names(), name) { // what stands in the folder by chance must not change what a command does
		return kits.FS(name)
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return os.DirFS(name), nil
	}
	if strings.ContainsRune(name, os.PathSeparator) {
		return nil, fmt.Errorf("there is no folder %s: name a folder with kit.yaml in it, or one of %s", name, strings.Join(kits.Names(), ", "))
	}
	files, err := kits.FS(name)
	if err != nil {
		return nil, fmt.Errorf("there is no kit %q: choose one of %s, or name a folder with kit.yaml in it", name, strings.Join(kits.Names(), ", "))
	}
	return files, nil
}

// tellKit says which kit a name meant, when a folder here has the same name.
func tellKit(w io.Writer, name string) {
	if info, err := os.Stat(name); err == nil && info.IsDir() && slices.Contains(kits.Names(), name) {
		fmt.Fprintf(w, "This is the built-in kit %s. For the folder here write ./%s\n", name, name)
	}
}
