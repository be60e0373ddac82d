package slot

import "testing"

func TestAnIdentificationNumberHasTwelveDigitsAndBeginsWithADayOfBirth(t *testing.T) {
	run(t, Spec{Type: "iin"}, []row{
		{"900101300123", "900101300123", ""}, {"900101 300 123", "900101300123", ""}, {"ИИН 900101-300123", "900101300123", ""},
		{"90010130012", "", "slot.iin_wrong"}, {"9001013001234", "", "slot.iin_wrong"}, {"Ибраев Азамат Муратович", "", "slot.iin_wrong"},
		{"абвгдежзиклм", "", "slot.iin_wrong"}, {"901301300123", "", "slot.iin_birth"}, {"900101900123", "", "slot.iin_birth"},
	})
}
