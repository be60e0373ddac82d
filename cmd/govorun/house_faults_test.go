package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// caseOfTest finds the numbers at the beginning of a test's name: TestD13_D14_Every… is about two cases.
var (
	caseOfTest  = regexp.MustCompile(`(?m)^func Test((?:[TOSWDRXM]\d\d_?)+)`)
	caseNumber  = regexp.MustCompile(`[TOSWDRXM]\d\d`)
	caseOfFault = regexp.MustCompile(`^([TOSWDRXM]\d\d) (reason: )?(\S.*\.)$`)
)

// TestEveryFaultHasATestOrAReason holds testdata/faults.txt against the names of all tests of the house.
func TestEveryFaultHasATestOrAReason(t *testing.T) {
	tests := map[string]int{}
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		code, err := os.ReadFile(path)
		for _, name := range caseOfTest.FindAllSubmatch(code, -1) {
			for _, id := range caseNumber.FindAllString(string(name[1]), -1) {
				tests[id]++
			}
		}
		return err
	})
	well(t, err)
	list, err := os.ReadFile("testdata/faults.txt")
	well(t, err)
	known := map[string]bool{}
	for number, line := range strings.Split(string(list), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fault := caseOfFault.FindStringSubmatch(line)
		if fault == nil {
			t.Errorf("testdata/faults.txt:%d: %q is no case: write such as “T04 What happens, and what the program does.”", number+1, line)
			continue
		}
		id, reason := fault[1], fault[2] != ""
		switch {
		case known[id]:
			t.Errorf("testdata/faults.txt:%d: %s stands there twice", number+1, id)
		case reason && tests[id] > 0:
			t.Errorf("%s has a test: say in testdata/faults.txt what happens instead of a reason", id)
		case !reason && tests[id] == 0:
			t.Errorf("%s has neither a test nor a reason: %s", id, fault[3])
		}
		known[id] = true
	}
	for id := range tests {
		if !known[id] {
			t.Errorf("tests are named after %s, which testdata/faults.txt doesn't know", id)
		}
	}
	if len(known) < 150 {
		t.Errorf("only %d cases are listed", len(known))
	}
}

// TestNothingThatKnowsFacesIsBuiltIn: to tell people apart by their faces takes a written consent of its own, which no kit asks for (X24).
func TestNothingThatKnowsFacesIsBuiltIn(t *testing.T) {
	modules, err := os.ReadFile("../../go.mod")
	well(t, err)
	for _, word := range []string{"face", "opencv", "gocv", "dlib", "tensorflow", "onnx", "pigo", "biometr", "rekognition"} {
		if strings.Contains(strings.ToLower(string(modules)), word) {
			t.Errorf("go.mod has a module called after %q: what is it for? A match of faces needs a consent of its own (testdata/faults.txt, X24)", word)
		}
	}
}
