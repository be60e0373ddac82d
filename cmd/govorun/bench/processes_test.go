package bench

import (
	"testing"
	"time"
)

func TestAProcessIsReadWhateverItsNameHolds(t *testing.T) {
	raw := "42 (a) b (c) S 7 42 42 0 -1 4194560 1 2 3 4 150 50 20 5 20 0 1 0 100 1000000 300 18446744073709551615"
	pid, p, ok := parseStat([]byte(raw))
	if !ok || pid != 42 || p.name != "a) b (c" || p.parent != 7 || p.cpu != 2250*time.Millisecond || p.rss == 0 {
		t.Errorf("read %d %+v %v", pid, p, ok)
	}
	for _, broken := range []string{"", "42", "42 (x", "42 (x) S 1 2"} {
		if _, _, ok := parseStat([]byte(broken)); ok {
			t.Errorf("%q is no process", broken)
		}
	}
}

func TestTheTimeOfATreeLeavesOutAnotherTree(t *testing.T) {
	all := processes{1: {cpu: 1}, 2: {parent: 1, cpu: 10}, 3: {parent: 2, cpu: 100}, 4: {parent: 1, cpu: 1000}, 5: {parent: 9, cpu: 5}}
	if got := all.cpu(1, 0); got != 1111 {
		t.Errorf("the whole tree has %d, want 1111", got)
	}
	if got := all.cpu(1, 2); got != 1001 {
		t.Errorf("without process 2 it has %d, want 1001", got)
	}
	if got := all.cpu(0, 0); got != 0 {
		t.Errorf("an unknown process has %d", got)
	}
}
