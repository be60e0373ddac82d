package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"sort"
	"strconv"
)

// The majors the application is tested with: 14 is the oldest that Postgres still maintains, 18 the newest released.
const (
	MinMajor = 14
	MaxMajor = 18
)

// ErrNotFound says that no usable server programs are on the machine.
var ErrNotFound = fmt.Errorf("no PostgreSQL %d to %d is installed on this machine", MinMajor, MaxMajor)

// Binaries is a folder with the server programs postgres and initdb, and their major version.
type Binaries struct {
	Dir   string
	Major int
}

// Find gives the server programs of this machine: the folder in GOVORUN_PGBIN and nothing else when that is set, otherwise the
// ones on PATH and in the usual distribution folders, the newest major from MinMajor to MaxMajor first. ErrNotFound when there are none.
func Find() (Binaries, error) {
	all, err := findAll(os.Getenv("GOVORUN_PGBIN"), distributionFolders())
	if err != nil {
		return Binaries{}, err
	}
	if len(all) == 0 {
		return Binaries{}, ErrNotFound
	}
	return all[0], nil
}

// distributionFolders lists, as globs, where packages put the server programs.
func distributionFolders() []string {
	return []string{
		"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
		"/usr/pgsql-*/bin",                                   // Red Hat with the PGDG repository
		"/usr/libexec/postgresql*",                           // Alpine
		"/usr/lib/postgresql*/bin",                           // SUSE
		"/opt/homebrew/opt/postgresql@*/bin",                 // Homebrew on Apple silicon
		"/usr/local/opt/postgresql@*/bin",                    // Homebrew on Intel
		"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
		`C:\Program Files\PostgreSQL\*\bin`,                  // the Windows installer
	}
}

// findAll lists usable server programs, newest first. only, when set, is the one folder to look at.
func findAll(only string, globs []string) ([]Binaries, error) {
	if only != "" {
		b, err := inspect(only)
		if err != nil {
			return nil, fmt.Errorf("GOVORUN_PGBIN=%s: %w: name a folder that holds postgres and initdb of version %d to %d", only, err, MinMajor, MaxMajor)
		}
		return []Binaries{b}, nil
	}
	var dirs []string
	if p, err := exec.LookPath("postgres"); err == nil {
		// Distributions link single programs into PATH; the folder behind the link has them all.
		if p, err = filepath.EvalSymlinks(p); err == nil {
			dirs = append(dirs, filepath.Dir(p))
		}
	}
	for _, g := range globs {
		m, err := filepath.Glob(g)
		if err != nil {
			return nil, fmt.Errorf("look for PostgreSQL in %s: %w", g, err)
		}
		dirs = append(dirs, m...)
	}
	var all []Binaries
	for _, d := range dirs {
		if b, err := inspect(d); err == nil {
			all = append(all, b)
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Major > all[j].Major })
	return all, nil
}

var (
	majorInPath    = regexp.MustCompile(`(?:postgresql[/\\@-]?|pgsql-|Versions/)(\d\d)(?:[./\\]|$)`)
	majorInVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)
)

// inspect gives the server programs in dir, or why they cannot be used.
func inspect(dir string) (Binaries, error) {
	for _, name := range []string{"postgres", "initdb"} {
		if _, err := os.Stat(filepath.Join(dir, exe(name))); err != nil {
			return Binaries{}, fmt.Errorf("there is no %s in it", name)
		}
	}
	b := Binaries{Dir: dir}
	// Asking the program costs 11 ms of every start; the path nearly always tells.
	m := majorInPath.FindStringSubmatch(dir)
	if m == nil {
		out, err := exec.Command(filepath.Join(dir, exe("postgres")), "--version").Output()
		if err != nil {
			return Binaries{}, fmt.Errorf("ask its version: %w", err)
		}
		if m = majorInVersion.FindStringSubmatch(string(out)); m == nil {
			return Binaries{}, errors.New("its version is not readable")
		}
	}
	b.Major, _ = strconv.Atoi(m[1])
	if b.Major < MinMajor || b.Major > MaxMajor {
		return Binaries{}, fmt.Errorf("it is PostgreSQL %d", b.Major)
	}
	return b, nil
}

// provide gives server programs for a data folder of that major (0: a new folder, any major): the machine's, else those
// downloaded before, else a fresh download.
func provide(ctx context.Context, s site, major int, o Options) (Binaries, error) {
	if major != 0 && (major < MinMajor || major > MaxMajor) {
		return Binaries{}, fmt.Errorf("data folder %s was made by PostgreSQL %d, this program runs %d to %d: move its data with pg_upgrade, or choose another folder with GOVORUN_DATA",
			s.data, major, MinMajor, MaxMajor)
	}
	only := os.Getenv("GOVORUN_PGBIN")
	found, err := findAll(only, append(slices.Clone(o.folders), filepath.Join(s.downloads(), "*", "bin")))
	if err != nil {
		return Binaries{}, err
	}
	if b, ok := choose(found, major); ok {
		return b, s.canEnter(b.Dir)
	}
	if only != "" {
		return Binaries{}, fmt.Errorf("data folder %s was made by PostgreSQL %d, GOVORUN_PGBIN is PostgreSQL %d: point it at version %d, or choose another folder with GOVORUN_DATA",
			s.data, major, found[0].Major, major)
	}
	if err := o.Fetch(ctx, major, s.downloads()); err != nil {
		return Binaries{}, missing(s, major, found, err)
	}
	if err := s.own(s.downloads()); err != nil {
		return Binaries{}, err
	}
	if found, err = findAll("", []string{filepath.Join(s.downloads(), "*", "bin")}); err != nil {
		return Binaries{}, err
	}
	if b, ok := choose(found, major); ok {
		return b, s.canEnter(b.Dir)
	}
	return Binaries{}, missing(s, major, found, errors.New("the download holds no server"))
}

// choose picks the first of the found programs that may run a data folder of that major.
func choose(found []Binaries, major int) (Binaries, bool) {
	for _, b := range found {
		if major == 0 || b.Major == major {
			return b, true
		}
	}
	return Binaries{}, false
}

// missing is the one sentence for a machine without a fitting server.
func missing(s site, major int, found []Binaries, why error) error {
	if major == 0 {
		return fmt.Errorf("%w and the download did not work (%w): install it (Debian, Ubuntu: apt install postgresql; macOS: brew install postgresql@%d), point GOVORUN_PGBIN at its bin folder, or set DATABASE_URL",
			ErrNotFound, why, MaxMajor)
	}
	here := "none"
	if len(found) > 0 {
		here = fmt.Sprint(found[0].Major)
	}
	return fmt.Errorf("data folder %s was made by PostgreSQL %d, this machine has %s and the download did not work (%w): install PostgreSQL %d, point GOVORUN_PGBIN at its bin folder, or choose another folder with GOVORUN_DATA",
		s.data, major, here, why, major)
}

// exe gives the file name of a program on this system.
func exe(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
