package importer

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzReadMachines(f *testing.F) {
	f.Add([]byte("code;name\n1;Кофе\n"))
	f.Add([]byte("sep=,\nномер,\"адрес\"\n1,\"a\nb\"\n"))
	f.Add([]byte("\xff\xfec\x00o\x00d\x00e\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		table, err := open(strings.NewReader(string(file)), machineColumns(), "code")
		if err != nil {
			return
		}
		read, err := readMachines(table, Options{})
		if err != nil {
			return
		}
		for _, row := range read.rows {
			if row.Code == "" || !utf8.ValidString(row.Code) || isFormula(row.Code) {
				t.Errorf("a row with the code %q", row.Code)
			}
		}
	})
}

func TestAFileOverTheLimitIsRefusedWithoutReadingOn(t *testing.T) {
	endless := &counting{}
	_, err := open(endless, machineColumns(), "code")
	if err == nil || !strings.Contains(err.Error(), "200 MB") || endless.n > MaxBytes+1<<20 {
		t.Errorf("%d bytes were read: %v", endless.n, err)
	}
	if errors.Is(err, io.EOF) {
		t.Error("the limit looks like an end")
	}
}

// counting is a file without an end.
type counting struct{ n int }

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '1'
	}
	c.n += len(p)
	return len(p), nil
}
