package dialogs

import (
	"sync"
	"testing"
)

func TestADialogMovesOnlyAlongItsArrows(t *testing.T) {
	d := registration(t).Dialogs["registration"]
	for _, arrow := range [][2]string{{"begin", "phone"}, {"terms", "begin"}, {"phone", "check"}, {"after", "quiet"}, {"plate_right", "plate"}} {
		if err := d.move(arrow[0], arrow[1]); err != nil {
			t.Error(err)
		}
	}
	for _, arrow := range [][2]string{{"begin", "check"}, {"begin", "begin"}, {"bye", "begin"}, {"nowhere", "begin"}, {"begin", "nowhere"}} {
		if err := d.move(arrow[0], arrow[1]); err == nil {
			t.Errorf("moved from %s to %s", arrow[0], arrow[1])
		}
	}
}

func TestAnArrowToTheStateItselfIsNoFailure(t *testing.T) {
	d := &Definition{Name: "again", Start: "a", States: map[string]*State{"a": {Name: "a", Next: []Branch{{To: "a"}, {To: "a"}}}}}
	d.machine = newMachines(d)
	if err := d.move("a", "a"); err != nil {
		t.Error(err)
	}
}

func TestManyConversationsMoveAtOnce(t *testing.T) {
	d := registration(t).Dialogs["registration"]
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 500 {
				if err := d.move("begin", "phone"); err != nil {
					t.Error(err)
				}
				if err := d.move("begin", "payout"); err == nil {
					t.Error("moved from begin to payout")
				}
			}
		})
	}
	group.Wait()
}

func BenchmarkMove(b *testing.B) {
	d := registration(b).Dialogs["registration"]
	b.ReportAllocs()
	for b.Loop() {
		if err := d.move("phone", "licence"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	files := registration(b).files.open()
	for b.Loop() {
		if _, err := Load(files); err != nil {
			b.Fatal(err)
		}
	}
}
