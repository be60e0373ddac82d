package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"time"

	"govorun/crm/postgres"
)

// A backup is a compressed tar file: the head, rows of tables in pieces, files, and between them sums of what came before. The end closes it:
// whatever is cut off or changed is noticed. Its parts can be taken out by `tar xzf` and checked by `sha256sum -c sums/*`.
const (
	backupFormat = 1
	backupHead   = "govorun-backup.json"
	backupEnd    = "end.json"
	backupRows   = "rows/"  // rows/TABLE/NUMBER, in the text form of COPY
	backupFiles  = "files/" // files/ab/cdef…, as they lie in the folder, sealed
	backupSums   = "sums/"
	rowsPiece    = 4 << 20 // of rows are held in memory, and one row more
	sumsPiece    = 1000    // parts, then their sums are written
	mostHead     = 64 << 20
)

// backupHeader says what a backup is of.
type backupHeader struct {
	Format   int               `json:"format"`
	Kit      string            `json:"kit"`
	Version  string            `json:"kit_version"` // a hash of its dialogs
	Contents postgres.Contents `json:"database"`
	Files    int64             `json:"files_wanted"` // that rows of the database speak of
}

// backupEnding is the last part.
type backupEnding struct {
	Parts int64  `json:"parts"`
	Rows  int64  `json:"rows"`
	Files int64  `json:"files"`
	Sums  string `json:"sums"` // SHA-256 of all sums
}

// backupWriter writes one, at most a few megabytes in memory.
type backupWriter struct {
	zip  *gzip.Writer
	tar  *tar.Writer
	at   time.Time
	sums bytes.Buffer // of parts since they were written last
	held int
	all  hash.Hash
	end  backupEnding
	page int
}

func newBackupWriter(to io.Writer, head backupHeader) (*backupWriter, error) {
	zip, err := gzip.NewWriterLevel(to, gzip.BestSpeed) // files are sealed and can't be made smaller
	if err != nil {
		return nil, err
	}
	w := &backupWriter{zip: zip, tar: tar.NewWriter(zip), at: head.Contents.At, all: sha256.New()}
	text, err := json.MarshalIndent(head, "", " ")
	if err != nil {
		return nil, err
	}
	return w, w.add(backupHead, int64(len(text)), bytes.NewReader(text))
}

// add writes a part of exactly that size.
func (w *backupWriter) add(name string, size int64, from io.Reader) error {
	sum := sha256.New()
	if err := w.raw(name, size, io.TeeReader(from, sum)); err != nil {
		return err
	}
	fmt.Fprintf(&w.sums, "%s  %s\n", hex.EncodeToString(sum.Sum(nil)), name)
	w.end.Parts++
	if w.held++; w.held >= sumsPiece {
		return w.flush()
	}
	return nil
}

func (w *backupWriter) raw(name string, size int64, from io.Reader) error {
	err := w.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: w.at, Format: tar.FormatPAX})
	if err == nil {
		_, err = io.CopyN(w.tar, from, size)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// flush writes the sums of the parts before it.
func (w *backupWriter) flush() error {
	w.page++
	w.all.Write(w.sums.Bytes())
	err := w.raw(fmt.Sprintf("%s%06d", backupSums, w.page), int64(w.sums.Len()), bytes.NewReader(w.sums.Bytes()))
	w.sums.Reset()
	w.held = 0
	return err
}

// close writes the end.
func (w *backupWriter) close() error {
	if err := w.flush(); err != nil {
		return err
	}
	w.end.Sums = hex.EncodeToString(w.all.Sum(nil))
	text, err := json.Marshal(w.end)
	if err != nil {
		return err
	}
	if err := w.raw(backupEnd, int64(len(text)), bytes.NewReader(text)); err != nil {
		return err
	}
	if err := w.tar.Close(); err != nil {
		return err
	}
	return w.zip.Close()
}

// tableWriter collects the lines of a table into pieces. Each Write is whole lines.
type tableWriter struct {
	to    *backupWriter
	table string
	piece int
	lines bytes.Buffer
}

func (t *tableWriter) Write(line []byte) (int, error) {
	t.lines.Write(line)
	if t.lines.Len() < rowsPiece {
		return len(line), nil
	}
	return len(line), t.flush()
}

func (t *tableWriter) flush() error {
	if t.lines.Len() == 0 {
		return nil
	}
	t.piece++
	err := t.to.add(fmt.Sprintf("%s%s/%06d", backupRows, t.table, t.piece), int64(t.lines.Len()), &t.lines)
	t.lines.Reset()
	return err
}
