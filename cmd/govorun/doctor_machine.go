package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"govorun/dialogs"
)

const (
	// littleRoom is too little to go on: PostgreSQL stops at a full disk, and then messages wait at Telegram for a day at most.
	littleRoom = 200 << 20
	// scantRoom is a few days of photos away from that.
	scantRoom = 2 << 30
)

// machine looks at the data folder and the room on its disk; false when the folder can't be used.
func (d *doctor) machine() (usable bool) {
	dir := d.settings.Data
	at, err := existing(dir)
	if err == nil {
		err = writable(at)
	}
	switch {
	case err != nil:
		d.report(problem, "data folder", fmt.Sprintf("%s can't be written to: %v", dir, err),
			fmt.Sprintf("sudo install -d -o %d %s, or name another folder with GOVORUN_DATA", os.Geteuid(), dir))
		return false
	case at != dir:
		d.ok("data folder", "%s will be made at the first start", dir)
	default:
		d.ok("data folder", "%s is writable", dir)
	}
	free, known := freeSpace(at)
	move := "make room on the disk, or name a folder on another one with GOVORUN_DATA"
	switch {
	case !known:
	case free < littleRoom:
		d.report(problem, "disk", fmt.Sprintf("%d MB are free for %s: nothing more can be stored soon", free>>20, dir), move)
	case free < scantRoom:
		d.report(warning, "disk", fmt.Sprintf("%d MB are free for %s", free>>20, dir), move)
	default:
		d.ok("disk", "%d GB are free", free>>30)
	}
	return true
}

// existing gives the folder, or the nearest one above it that exists.
func existing(dir string) (string, error) {
	for {
		info, err := os.Stat(dir)
		switch {
		case err == nil && !info.IsDir():
			return dir, fmt.Errorf("%s is a file", dir)
		case err == nil:
			return dir, nil
		case !errors.Is(err, os.ErrNotExist) || dir == filepath.Dir(dir):
			return dir, err
		}
		dir = filepath.Dir(dir)
	}
}

// writable makes and removes a file: rights, read-only disks and full ones show only so.
func writable(dir string) error {
	file, err := os.CreateTemp(dir, ".govorun-doctor-*")
	if err != nil {
		return errors.Unwrap(err)
	}
	_, err = file.WriteString("may this be written?")
	return errors.Join(err, file.Close(), os.Remove(file.Name()))
}

// business checks the kit.
func (d *doctor) business() {
	kit, err := openKit(d.settings.Kit)
	var problems dialogs.Problems
	switch {
	case err == nil:
		d.kit = kit
		d.ok("kit", "%s: %d dialogs, languages %v", kit.Name, len(kit.Dialogs), kit.Languages)
	case errors.As(err, &problems):
		d.report(problem, "kit", err.Error(), "govorun check "+d.settings.Kit)
	default:
		d.wrong("kit", err)
	}
}
