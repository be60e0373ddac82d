package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"regexp"
	"strings"
)

// Names of parts. Nothing else that a file may hold becomes a path.
var (
	rowsName = regexp.MustCompile(`^rows/([a-z][a-z0-9_]{0,62})/[0-9]{6}$`)
	fileName = regexp.MustCompile(`^files/([0-9a-f]{2}/[0-9a-f]{62})$`)
)

// errNoBackup is a file of another kind.
var errNoBackup = errors.New("this is no backup of govorun: name a file that `govorun backup` has written")

// damaged says what is wrong with a file that should be a backup.
func damaged(where string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the backup ends too early, %s: it was not copied whole; copy it again or take another one", where)
	}
	return fmt.Errorf("the backup is damaged, %s: take another one (%v)", where, err)
}

// backupReader reads the parts of a backup in their order and checks the sum of each.
type backupReader struct {
	head backupHeader
	tar  *tar.Reader
	zip  *gzip.Reader

	name string    // of the part that is being read
	sum  hash.Hash // of what was read of it
	body io.Reader
	sums bytes.Buffer // of parts since their sums came last
	all  hash.Hash
	end  backupEnding
	done bool
}

// newBackupReader reads the head.
func newBackupReader(from io.Reader) (*backupReader, error) {
	zip, err := gzip.NewReader(from)
	if err != nil {
		return nil, errNoBackup
	}
	r := &backupReader{tar: tar.NewReader(zip), zip: zip, all: sha256.New()}
	name, body, err := r.next()
	if err != nil || name != backupHead {
		return nil, errNoBackup
	}
	text, err := io.ReadAll(io.LimitReader(body, mostHead))
	if err == nil {
		err = json.Unmarshal(text, &r.head)
	}
	if err != nil {
		return nil, damaged("in its head", err)
	}
	if r.head.Format > backupFormat {
		return nil, fmt.Errorf("the backup is of format %d, this program knows %d: restore it with the newer program", r.head.Format, backupFormat)
	}
	return r, nil
}

// next gives the next part; io.EOF after the last one, when all sums were right. What was not read of the part before is read first.
func (r *backupReader) next() (name string, body io.Reader, err error) {
	for {
		if err := r.finish(); err != nil {
			return "", nil, err
		}
		if r.done {
			return "", nil, r.nothingMore()
		}
		header, err := r.tar.Next()
		if err != nil {
			return "", nil, damaged("after "+r.name, err)
		}
		r.name = header.Name
		switch {
		case strings.HasPrefix(r.name, backupSums):
			err = r.compare()
		case r.name == backupEnd:
			err = r.ends()
		default:
			r.sum = sha256.New()
			r.body = io.TeeReader(r.tar, r.sum)
			r.end.Parts++
			return r.name, partReader{r.body, r.name}, nil
		}
		if err != nil {
			return "", nil, err
		}
	}
}

// partReader says which part could not be read.
type partReader struct {
	io.Reader
	name string
}

func (p partReader) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if err != nil && err != io.EOF {
		err = damaged("in "+p.name, err)
	}
	return n, err
}

// finish reads the rest of a part and notes its sum.
func (r *backupReader) finish() error {
	if r.sum == nil {
		return nil
	}
	if _, err := io.Copy(io.Discard, r.body); err != nil {
		return damaged("in "+r.name, err)
	}
	fmt.Fprintf(&r.sums, "%s  %s\n", hex.EncodeToString(r.sum.Sum(nil)), r.name)
	r.sum = nil
	if r.sums.Len() > mostHead {
		return damaged("after "+r.name, errors.New("there are no sums"))
	}
	return nil
}

// compare compares the sums of the parts with those that were written.
func (r *backupReader) compare() error {
	written, err := io.ReadAll(io.LimitReader(r.tar, mostHead))
	if err != nil {
		return damaged("in "+r.name, err)
	}
	if !bytes.Equal(written, r.sums.Bytes()) {
		return damaged("before "+r.name, errors.New("sums differ"))
	}
	r.all.Write(written)
	r.sums.Reset()
	return nil
}

// ends compares what was read with what the end says was written.
func (r *backupReader) ends() error {
	var end backupEnding
	if err := json.NewDecoder(io.LimitReader(r.tar, mostHead)).Decode(&end); err != nil {
		return damaged("in its end", err)
	}
	if end.Parts != r.end.Parts || end.Sums != hex.EncodeToString(r.all.Sum(nil)) {
		return damaged("at its end", errors.New("parts are missing"))
	}
	r.end, r.done = end, true
	return nil
}

// nothingMore reads on to the sum of the compressed file itself.
func (r *backupReader) nothingMore() error {
	if _, err := r.tar.Next(); err != io.EOF {
		return damaged("after its end", errors.New("something follows"))
	}
	if _, err := io.Copy(io.Discard, r.zip); err != nil {
		return damaged("after its end", err)
	}
	return io.EOF
}

// check reads a whole backup and gives its reader, whose head and end are filled then.
func checkBackup(from io.Reader) (*backupReader, error) {
	r, err := newBackupReader(from)
	if err != nil {
		return nil, err
	}
	for {
		name, _, err := r.next()
		if errors.Is(err, io.EOF) {
			return r, nil
		}
		if err != nil {
			return nil, err
		}
		if rowsName.FindStringSubmatch(name) == nil && fileName.FindStringSubmatch(name) == nil {
			return nil, damaged("at "+name, errors.New("there is no such part"))
		}
	}
}
