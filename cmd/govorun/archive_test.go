package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"govorun/crm/postgres/pgtest"
)

func TestArchiveListsMonthsAndRefusesWhatIsNotOver(t *testing.T) {
	dsn := pgtest.DSN(t)
	call := func(args ...string) (int, string) {
		var out, trouble bytes.Buffer
		code := run(context.Background(), append([]string{"archive", "--database=" + dsn}, args...), stdio{strings.NewReader(""), &out, &trouble})
		return code, out.String() + trouble.String()
	}
	month := time.Now().UTC().Format("2006-01")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"list"}, exitOK, month},
		{[]string{"detach"}, exitTrouble, "say which month"},
		{[]string{"detach", month}, exitTrouble, "is not over"},
		{[]string{"detach", "march"}, exitTrouble, "is no month"},
		{[]string{"detach", "--older", "24"}, exitTrouble, "24mo or 2y"},
		{[]string{"detach", "--older", "24mo"}, exitOK, "No month is that old"},
		{[]string{"attach", month}, exitTrouble, "in its place already"},
		{[]string{"detach", "first"}, exitOK, "stands apart"},
		{[]string{"list"}, exitOK, "apart"},
		{[]string{"attach", "first"}, exitOK, "in its place again"},
	} {
		if code, said := call(c.args...); code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("archive %s: exit %d\n%s\nwant %d and %q", strings.Join(c.args, " "), code, said, c.code, c.says)
		}
	}
	file := t.TempDir() + "/first.zip"
	if code, said := call("detach", "first", "--to", file); code != exitOK || !strings.Contains(said, "attach --from "+file) {
		t.Fatalf("into a file: exit %d\n%s", code, said)
	}
	if _, said := call(); !strings.Contains(said, "in "+file) {
		t.Errorf("the list does not name the file:\n%s", said)
	}
	if code, said := call("attach", "--from", file); code != exitOK || strings.Contains(said, "left out") {
		t.Errorf("back from the file: exit %d\n%s", code, said)
	}
}
