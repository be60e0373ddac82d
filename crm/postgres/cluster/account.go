package cluster

import (
	"errors"
	"os"
	"os/user"
	"strconv"
)

// account is the operating system's user that runs Postgres.
type account struct {
	name     string
	uid, gid int
	dropped  bool // the program is root and Postgres runs as somebody else, because it refuses root
}

// accountFor says who runs Postgres on a data folder. Everybody but root: themselves. Root: the owner of an existing
// data folder, else the user postgres, else nobody.
func accountFor(data string) (account, error) {
	if os.Geteuid() != 0 {
		return account{name: strconv.Itoa(os.Geteuid()), uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	if uid, gid, err := ownerOf(data); err == nil && uid != 0 {
		a := account{name: strconv.Itoa(uid), uid: uid, gid: gid, dropped: true}
		if u, err := user.LookupId(a.name); err == nil {
			a.name = u.Username
		}
		return a, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.Atoi(u.Uid)
		gid, errGID := strconv.Atoi(u.Gid)
		if errUID == nil && errGID == nil {
			return account{name: name, uid: uid, gid: gid, dropped: true}, nil
		}
	}
	return account{}, errors.New("PostgreSQL may not run as root and there is no user postgres or nobody: create one (useradd --system postgres), run this program as another user, or set DATABASE_URL")
}

// passes says whether the account may go through a folder with that owner and mode. Access lists are not looked at.
func (a account) passes(uid, gid int, mode os.FileMode) bool {
	switch {
	case a.uid == uid:
		return mode&0o100 != 0
	case a.gid == gid:
		return mode&0o010 != 0
	}
	return mode&0o001 != 0
}
