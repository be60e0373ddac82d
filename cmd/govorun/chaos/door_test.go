package chaos

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// behind is a door with replicas that answer 200, and the number of updates that each has taken.
func behind(t *testing.T, replicas int) (d *door, address string, took []int) {
	t.Helper()
	d, took = &door{bad: map[string]time.Time{}}, make([]int, replicas)
	for i := range replicas {
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { took[i]++ }))
		t.Cleanup(server.Close)
		d.targets = append(d.targets, strings.TrimPrefix(server.URL, "http://"))
	}
	public := httptest.NewServer(d)
	t.Cleanup(public.Close)
	return d, public.URL, took
}

func deliver(t *testing.T, address string) int {
	t.Helper()
	answer, err := http.Post(address, "application/json", strings.NewReader("{}"))
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

func TestTheDoorLeadsToReplicasInTurnAndLeavesADeadOneAlone(t *testing.T) {
	d, address, took := behind(t, 2)
	for range 4 {
		if code := deliver(t, address); code != http.StatusOK {
			t.Errorf("answered %d", code)
		}
	}
	if took[0] != 2 || took[1] != 2 {
		t.Errorf("updates went to %v", took)
	}
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	d.targets[0] = strings.TrimPrefix(dead.URL, "http://")
	bad := 0
	for range 5 {
		if deliver(t, address) == http.StatusBadGateway {
			bad++
		}
	}
	if bad != 1 {
		t.Errorf("%d updates went to a dead replica", bad)
	}
}

func TestAnAnswerThatIsLostWasGiven(t *testing.T) {
	d, address, took := behind(t, 1)
	d.losing(1)
	if code := deliver(t, address); code != 0 || took[0] != 1 {
		t.Errorf("answered %d, taken %d times", code, took[0])
	}
	if code := deliver(t, address); code != http.StatusOK {
		t.Errorf("answered %d", code)
	}
}

func TestASecretInALogIsFoundAndNotToldAgain(t *testing.T) {
	s := &secrets{needles: map[string]string{}, found: map[string]bool{}}
	s.add("a phone number", "7071234567")
	s.look("vending-1", []byte("level=INFO msg=fine\n"))
	s.look("vending-1", []byte("level=INFO msg=hello phone=+77071234567\n"))
	if len(s.found) != 1 {
		t.Fatalf("found %v", s.found)
	}
	for what := range s.found {
		if strings.Contains(what, "7071234567") || !strings.Contains(what, "vending-1 wrote a phone number") {
			t.Error(what)
		}
	}
}

func TestNamesInLettersDiffer(t *testing.T) {
	seen := map[string]bool{}
	for n := 1; n < 3000; n++ {
		if seen[letters(n)] {
			t.Fatalf("%d is called %s like another", n, letters(n))
		}
		seen[letters(n)] = true
	}
}

func TestACrashIsFoundInWhatAProgramWrote(t *testing.T) {
	for log, found := range map[string]bool{
		"level=INFO msg=fine\n":                                       false,
		"level=INFO msg=\"a panic: in words\"\n":                      false,
		"level=INFO\npanic: runtime error: index out of range\n":      true,
		"level=INFO\nfatal error: stack overflow\n\nruntime stack:\n": true,
	} {
		if got := crash([]byte(log)); (got != "") != found {
			t.Errorf("%q gave %q", log, got)
		}
	}
}
