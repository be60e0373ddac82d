package bots

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestD16_CommandsAreFoundInText(t *testing.T) {
	for text, want := range map[string]Command{
		"/my":                        {Name: "my"},
		"/MY":                        {Name: "my"},
		"/my@Bot":                    {Name: "my", Bot: "Bot"},
		"/my@Bot a  b ":              {Name: "my", Bot: "Bot", Args: "a  b"},
		"привет /my всё":             {Name: "my", Args: "всё"},
		"😀😀 /deals status:new":       {Name: "deals", Args: "status:new"},
		"строка\n/a_1\nвторая":       {Name: "a_1", Args: "вторая"},
		"(/help)":                    {Name: "help", Args: ")"},
		"путь /etc/passwd и /find x": {Name: "find", Args: "x"},
	} {
		if got, ok := FindCommand(text); !ok || got != want {
			t.Errorf("%q: got %+v %v, want %+v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "/", "//", "и/или", "24/7", "24 /7", "/привет", "/myй", "/a/b", "https://x.y/z", "/ my", "/" + strings.Repeat("a", 33), "/_x", "/my@", "/my@@x"} {
		if got, ok := FindCommand(text); ok {
			t.Errorf("%q was taken for %+v", text, got)
		}
	}
}

func TestANameIsOneLine(t *testing.T) {
	for given, want := range map[string]string{
		"Ann\n\x1b[31mred": "Ann  [31mred", " Азамат\tИбраев ": "Азамат Ибраев", "a\u2028b": "a b", "ab\xffc\x00": "abc",
	} {
		if got := Line(given, 256); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

func TestX11_FileNamesAreOnlyNames(t *testing.T) {
	for name, want := range map[string]string{
		"../../etc/passwd":                "passwd",
		`C:\Users\x\CON.jpg`:              "CON.jpg",
		"a\u202egpj.exe":                  "agpj.exe",
		"a\nb\x00c.jpg":                   "abc.jpg",
		"..":                              "",
		"/":                               "",
		strings.Repeat("я", 500):          strings.Repeat("я", 120),
		strings.Repeat("я", 500) + ".pdf": strings.Repeat("я", 116) + ".pdf",
	} {
		if got := FileName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func FuzzWhatIsTypedIsMadeHarmless(f *testing.F) {
	for _, text := range []string{"/my@Bot x", "a\x00b", "\xff", "../../etc/passwd", "CON.jpg", "\u202egpj.exe", strings.Repeat("я", 300) + ".pdf"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for what, got := range map[string]string{"text": Clean(text, 20), "line": Line(text, 20), "file name": FileName(text)} {
			if !utf8.ValidString(got) || strings.ContainsRune(got, 0) || utf8.RuneCountInString(got) > 120 {
				t.Errorf("%s %q became %q", what, text, got)
			}
		}
		if strings.ContainsAny(Line(text, 20), "\n\r\t\x1b") || strings.ContainsAny(FileName(text), "/\\\n") {
			t.Errorf("%q became %q and %q", text, Line(text, 20), FileName(text))
		}
		if found, ok := FindCommand(text); ok && (found.Name == "" || found.Name != strings.ToLower(found.Name) || len(found.Name) > 32) {
			t.Errorf("%q holds %+v", text, found)
		}
	})
}
