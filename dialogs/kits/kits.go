// Package kits holds the businesses that come with the program: each a folder of files and no Go.
//
// It only hands out the folders; reading and checking them is the work of dialogs.
package kits

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// The folders, with everything in them that a kit may have.
//
//go:embed isp lead taxi vending
var folders embed.FS

// Names returns the names of all kits that come with the program, sorted.
func Names() []string {
	entries, err := folders.ReadDir(".")
	if err != nil {
		panic("the embedded kits are unreadable: " + err.Error()) // the compiler put them there
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// FS returns the folder of the named kit. The error of an unknown name lists the names there are.
func FS(name string) (fs.FS, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("there is no kit %q; there are: %s", name, strings.Join(Names(), ", "))
	}
	return fs.Sub(folders, name)
}
