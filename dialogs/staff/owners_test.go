package staff_test

import (
	"slices"
	"testing"

	"govorun/dialogs"
	"govorun/dialogs/kits"
	"govorun/dialogs/staff"
)

func TestADealIsOfferedToThoseWhoMayOwnItByTheKitOnly(t *testing.T) {
	files, err := kits.FS("taxi")
	if err != nil {
		t.Fatal(err)
	}
	taxi, err := dialogs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	for pipeline, want := range map[string][]string{"drivers": {"head", "manager"}, "support": {"head", "support"}, "returning": {"head", "manager"}, "nothing": nil} {
		if got := staff.Owners(taxi, pipeline); !slices.Equal(got, want) {
			t.Errorf("deals of %s may be owned by %v, want %v", pipeline, got, want)
		}
	}
	if roles := staff.Roles(taxi, "drivers"); !slices.Contains(roles, "accountant") {
		t.Errorf("roles around drivers are %v: an accountant, who owns none of them, proves nothing here", roles)
	}
	for _, role := range []string{"manager", "technician"} { // who takes by a button, and to whom a button offers it
		if got := staff.Owners(vending(t), "technicians"); !slices.Contains(got, role) {
			t.Errorf("deals of technicians may be owned by %v, without %s", got, role)
		}
	}
}
