package telegram

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestT09_ASecondCopyStandsBy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		s.answer = func(c call) (int, string) {
			if c.method != "getUpdates" || time.Since(start2000()) > 30*time.Second {
				return 0, ""
			}
			return 409, `{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"}`
		}
		s.post(10, text(5, 1, "a"))
		d := &desk{}
		_, w, stop := polling(t, s, d)
		pause(40 * time.Second)
		polls := s.seen("getUpdates")
		for i := 1; i < len(polls) && polls[i].at.Sub(start2000()) < 30*time.Second; i++ {
			if gap := polls[i].at.Sub(polls[i-1].at); gap < 3*time.Second {
				t.Errorf("polled again after %s", gap)
			}
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got := w.kinds(); got != "standby listening stopped" {
			t.Errorf("states: %s, want one report of standby", got)
		}
		if d.texts("5") != "a" {
			t.Error("the copy did not take over")
		}
	})
}

// start2000 is when every synctest bubble begins.
func start2000() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

func TestT10_AWebhookThatIsSetEndsPollingWithTheFix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		s.answer = func(c call) (int, string) {
			if c.method != "getUpdates" {
				return 0, ""
			}
			return 409, `{"ok":false,"error_code":409,"description":"Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}`
		}
		c, _ := open(t, s)
		err := c.Run(t.Context(), &desk{})
		if !errors.Is(err, ErrWebhookSet) || !strings.Contains(err.Error(), "--delete-webhook") {
			t.Errorf("Run ended with %v, want the command that fixes it", err)
		}
	})
}

func TestT11_ARevokedTokenEndsPollingWithOneReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		s.answer = func(call) (int, string) {
			return 401, `{"ok":false,"error_code":401,"description":"Unauthorized"}`
		}
		c, w := open(t, s)
		if err := c.Run(t.Context(), &desk{}); !errors.Is(err, ErrBadCredentials) {
			t.Errorf("Run ended with %v", err)
		}
		if got := w.kinds(); got != "bad_credentials" {
			t.Errorf("states: %s", got)
		}
	})
}

func TestT12_AFloodRefusalIsObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, first := newServer(), true
		s.answer = func(c call) (int, string) {
			if c.method != "getUpdates" || !first {
				return 0, ""
			}
			first = false
			return 429, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 30","parameters":{"retry_after":30}}`
		}
		_, _, stop := polling(t, s, &desk{})
		pause(50 * time.Second)
		polls := s.seen("getUpdates")
		if len(polls) < 2 || polls[1].at.Sub(polls[0].at) < 30*time.Second {
			t.Errorf("the next poll came after %s", polls[1].at.Sub(polls[0].at))
		}
		_ = stop()
	})
}

func TestANetworkFailureIsReportedOnceAndRetriedWithGrowingPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		s.answer = func(call) (int, string) { return 502, "<html>bad gateway " + testToken + "</html>" }
		_, w, stop := polling(t, s, &desk{})
		pause(10 * time.Minute)
		if n := len(s.seen("getUpdates")); n < 10 || n > 40 {
			t.Errorf("%d polls in ten minutes", n)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got := w.kinds(); got != "offline stopped" {
			t.Errorf("states: %s", got)
		}
	})
}
