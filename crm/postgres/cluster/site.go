package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// socketLimit is the longest path of a socket: 104 bytes with the closing zero on macOS and the BSDs, 108 on Linux.
const socketLimit = 103

// site is the folder of one cluster and the account it belongs to.
type site struct {
	dir     string // everything
	data    string // what initdb made
	socket  string // the folder of the socket, mode 0700
	logFile string
	account account
}

// openSite makes the folders of a cluster and checks that the account that will run Postgres can reach them.
func openSite(dir string) (site, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return site{}, fmt.Errorf("data folder %s: %w", dir, err)
	}
	s := site{}
	if s.account, err = accountFor(filepath.Join(dir, "data")); err != nil {
		return site{}, err
	}
	mode := os.FileMode(0o700)
	if s.account.dropped {
		mode = 0o711 // for parents that are missing: the dropped account must get through
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return site{}, fmt.Errorf("make data folder %s: %w: choose another folder with GOVORUN_DATA", dir, err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return site{}, fmt.Errorf("data folder %s: %w", dir, err)
	}
	s.dir, s.data, s.logFile = dir, filepath.Join(dir, "data"), filepath.Join(dir, "postgres.log")
	if err := s.canEnter(filepath.Dir(dir)); err != nil {
		return site{}, err
	}
	if err := s.takeFolder(dir); err != nil {
		return site{}, err
	}
	if uid, _, err := ownerOf(s.data); err == nil && uid == 0 && s.account.dropped {
		if err := s.own(s.data); err != nil { // a copy or a restore made by root
			return site{}, err
		}
	}
	return s, s.makeSocketFolder()
}

// takeFolder makes a folder of mode 0700 that belongs to the account, or says that it is somebody else's.
func (s site) takeFolder(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make folder %s: %w", dir, err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at folder %s: %w", dir, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder: move it away or choose another folder with GOVORUN_DATA", dir)
	}
	if uid, _, err := ownerOf(dir); err == nil && uid != s.account.uid {
		if !s.account.dropped || uid != 0 {
			return fmt.Errorf("folder %s belongs to user %d and this program needs it as user %s: run it as that user or choose another folder with GOVORUN_DATA", dir, uid, s.account.name)
		}
		if err := os.Lchown(dir, s.account.uid, s.account.gid); err != nil {
			return fmt.Errorf("give folder %s to user %s: %w", dir, s.account.name, err)
		}
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("close folder %s to others: %w", dir, err)
	}
	return nil
}

// makeSocketFolder puts the socket into the cluster's folder, or into a short one beside other temporary files when
// that path would be longer than a socket may have.
func (s *site) makeSocketFolder() error {
	s.socket = filepath.Join(s.dir, "run")
	if len(filepath.Join(s.socket, ".s.PGSQL."+port)) > socketLimit {
		sum := sha256.Sum256([]byte(s.dir))
		s.socket = filepath.Join(os.TempDir(), "govorun-"+strconv.Itoa(s.account.uid)+"-"+hex.EncodeToString(sum[:6]))
		if err := s.canEnter(os.TempDir()); err != nil {
			return err
		}
	}
	return s.takeFolder(s.socket)
}

// leave removes the socket folder when it is not inside the cluster's own.
func (s site) leave() {
	if filepath.Dir(s.socket) != s.dir {
		_ = os.Remove(s.socket) // a folder that still holds something stays, and is taken again next time
	}
}

// canEnter says which folder on the way to dir, if any, would stop the account, and what to do about it.
func (s site) canEnter(dir string) error {
	if !s.account.dropped {
		return nil
	}
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return fmt.Errorf("look at folder %s: %w", at, err)
		}
		uid, gid, err := ownerOf(at)
		if err != nil {
			return fmt.Errorf("look at folder %s: %w", at, err)
		}
		if !s.account.passes(uid, gid, info.Mode()) {
			return fmt.Errorf("PostgreSQL may not run as root, and folder %s does not let user %s through to %s: run chmod o+x %s, or choose a folder that everybody can reach with GOVORUN_DATA (such as /var/lib/govorun)",
				at, s.account.name, dir, at)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

// own gives a whole folder to the account, when the program is root.
func (s site) own(dir string) error {
	if !s.account.dropped {
		return nil
	}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, s.account.uid, s.account.gid)
	})
	if err != nil {
		return fmt.Errorf("give folder %s to user %s: %w", dir, s.account.name, err)
	}
	return nil
}

// downloads is where fetched server programs are kept.
func (s site) downloads() string { return filepath.Join(s.dir, "programs") }

// major reads which major version made the data folder; 0 when there is none yet.
func (s site) major() (int, error) {
	b, err := os.ReadFile(filepath.Join(s.data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(s.data); err == nil {
			return 0, fmt.Errorf("folder %s is not a PostgreSQL data folder (PG_VERSION is missing): move it away, or choose another folder with GOVORUN_DATA", s.data)
		}
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read version of data folder %s: %w", s.data, err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("folder %s is not a PostgreSQL data folder (PG_VERSION says %q): restore it from a backup, or choose another folder with GOVORUN_DATA", s.data, b)
	}
	return major, nil
}
