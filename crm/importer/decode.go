package importer

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// read takes a whole file and gives its text as UTF-8, with the name of the encoding it was in.
func read(r io.Reader) (text []byte, encoding string, err error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, "", fmt.Errorf("read the file: %w", err)
	}
	if len(raw) > MaxBytes {
		return nil, "", fmt.Errorf("the file is larger than %d MB: split it and import the parts", MaxBytes>>20)
	}
	text, encoding, err = decode(raw)
	if err != nil {
		return nil, "", err
	}
	if at := bytes.IndexByte(text, 0); at >= 0 {
		return nil, "", fmt.Errorf("line %d holds a zero byte, this is not a CSV file: save the table as CSV", lineOf(text, at))
	}
	return text, encoding, nil
}

// decode finds the encoding: by its mark, else UTF-8 when it is, else windows-1251, which spreadsheets of our countries write.
// A UTF-8 file with a broken letter is neither, and taking it for windows-1251 would turn all its words into garbage.
func decode(raw []byte) ([]byte, string, error) {
	switch {
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")), bytes.HasPrefix(raw, []byte("\xd0\xcf\x11\xe0")):
		return nil, "", fmt.Errorf("this is a spreadsheet, not a CSV file: save the table as CSV")
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(raw)
		return text, "UTF-16", err
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if utf8.Valid(raw) {
		return raw, "UTF-8", nil
	}
	letters, broken, first := 0, 0, -1
	for at := 0; at < len(raw); {
		r, size := utf8.DecodeRune(raw[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			if broken++; first < 0 {
				first = at
			}
		case size > 1:
			letters++
		}
		at += size
	}
	if letters > broken {
		return nil, "", fmt.Errorf("line %d is not valid UTF-8 although the rest is: mend that line, or save the file as UTF-8 again", lineOf(raw, first))
	}
	text, err := charmap.Windows1251.NewDecoder().Bytes(raw)
	return text, "windows-1251", err
}

// lineOf counts the line of a byte from 1.
func lineOf(text []byte, at int) int { return 1 + bytes.Count(text[:at], []byte("\n")) }

// separator finds what stands between the columns by the first line: the sign that occurs most outside quotes.
// A line "sep=;" above the header, which spreadsheets understand, says it outright and is cut off.
func separator(text []byte) (comma rune, rest []byte, cut int) {
	line, after, _ := bytes.Cut(text, []byte("\n"))
	first := strings.TrimSpace(string(line))
	if sign, ok := strings.CutPrefix(strings.ToLower(first), "sep="); ok && len(sign) == 1 && strings.Contains(",;\t|", sign) {
		return rune(sign[0]), after, 1
	}
	counts := map[rune]int{}
	quoted := false
	for _, r := range first {
		if r == '"' {
			quoted = !quoted
		}
		if !quoted {
			counts[r]++
		}
	}
	comma = ';'
	for _, r := range ",\t|" {
		if counts[r] > counts[comma] {
			comma = r
		}
	}
	return comma, text, 0
}
