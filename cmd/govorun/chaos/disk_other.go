//go:build !linux

package chaos

import "errors"

// disk is a small disk that a ballast file can fill: there is none on this system.
type disk struct{}

var errNoDisk = errors.New("a small disk can be mounted on Linux only")

func mountDisk(string, int64) (*disk, error) { return nil, errNoDisk }

func (d *disk) fill() (free func(), err error) { return nil, errNoDisk }

func (d *disk) close() {}
