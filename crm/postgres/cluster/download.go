package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// downloadPatience bounds a download: the archive has about 30 MB, so this is a line of 100 KB/s.
const downloadPatience = 5 * time.Minute

// Download brings the server programs of a major version (0: the newest) into a subfolder of dir, checks their checksum, and
// leaves nothing behind when it fails. It needs the network once; what it brought is found again by later starts.
func Download(ctx context.Context, major int, dir string) error {
	return download(ctx, source{major: major}, dir)
}

// source is what to download and from where; an empty repository is the library's own.
type source struct {
	major      int
	repository string
}

// download uses the embedded-postgres library for fetching and unpacking alone. The library has no such call: its Start
// fetches, then runs a server in a way that does not fit us (as root it fails, and a socket it cannot do). So it is given a data folder
// that holds nothing but a version: it fetches, unpacks, finds that it cannot start that, and the unpacked programs stay.
// Whether it worked is seen in the folder, and Start's error tells why not.
func download(ctx context.Context, s source, dir string) error {
	version, err := releaseOf(s.major)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make folder for the PostgreSQL programs: %w", err)
	}
	work, err := os.MkdirTemp(dir, "incoming-")
	if err != nil {
		return fmt.Errorf("make folder for the PostgreSQL programs: %w", err)
	}
	bin, data := filepath.Join(work, "programs"), filepath.Join(work, "data")
	major := []byte(strconv.Itoa(majorOf(version)) + "\n")
	if err := errors.Join(os.Mkdir(data, 0o700), os.WriteFile(filepath.Join(data, "PG_VERSION"), major, 0o600)); err != nil {
		return fmt.Errorf("make folder for the PostgreSQL programs: %w", err)
	}
	config := embeddedpostgres.DefaultConfig().Version(version).Logger(io.Discard).Port(0).
		RuntimePath(filepath.Join(work, "runtime")).CachePath(filepath.Join(work, "archive")).BinariesPath(bin).DataPath(data)
	if s.repository != "" {
		config = config.BinaryRepositoryURL(s.repository)
	}
	result := make(chan error, 1)
	go func() { // the library knows no context: when ours ends first, its goroutine finishes alone and is not listened to
		err := embeddedpostgres.NewDatabase(config).Start()
		result <- errors.Join(keep(bin, filepath.Join(dir, "postgresql-"+string(version)), err), os.RemoveAll(work))
	}()
	ctx, cancel := context.WithTimeout(ctx, downloadPatience)
	defer cancel()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return fmt.Errorf("download PostgreSQL %s: %w", version, context.Cause(ctx))
	}
}

// keep moves unpacked programs to their place, when they are complete; otherwise why tells what went wrong.
func keep(from, to string, why error) error {
	if _, err := inspect(filepath.Join(from, "bin")); err != nil {
		if why != nil {
			return why
		}
		return fmt.Errorf("the archive is not usable: %w", err)
	}
	if _, err := inspect(filepath.Join(to, "bin")); err == nil {
		return nil // another program was quicker
	}
	if err := os.RemoveAll(to); err != nil {
		return fmt.Errorf("put PostgreSQL programs in place: %w", err)
	}
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("put PostgreSQL programs in place: %w", err)
	}
	return nil
}

// releaseOf gives the exact release that the library knows for a major version.
func releaseOf(major int) (embeddedpostgres.PostgresVersion, error) {
	switch major {
	case 0, 18:
		return embeddedpostgres.V18, nil
	case 17:
		return embeddedpostgres.V17, nil
	case 16:
		return embeddedpostgres.V16, nil
	case 15:
		return embeddedpostgres.V15, nil
	case 14:
		return embeddedpostgres.V14, nil
	}
	return "", fmt.Errorf("there is no download of PostgreSQL %d", major)
}

// majorOf gives 18 of "18.3.0".
func majorOf(v embeddedpostgres.PostgresVersion) int {
	var major int
	for _, r := range string(v) {
		if r < '0' || r > '9' {
			break
		}
		major = major*10 + int(r-'0')
	}
	return major
}
