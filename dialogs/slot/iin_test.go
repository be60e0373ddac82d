package slot

import "testing"

func TestAnIdentificationNumberHasTwelveDigitsAndBeginsWithADayOfBirthAndAddsUp(t *testing.T) {
	run(t, Spec{Type: "iin"}, []row{
		{"900101300126", "900101300126", ""}, {"900101 300 126", "900101300126", ""}, {"ИИН 900101-300126", "900101300126", ""},
		{"90010130012", "", "slot.iin_wrong"}, {"9001013001234", "", "slot.iin_wrong"}, {"Ибраев Азамат Муратович", "", "slot.iin_wrong"},
		{"абвгдежзиклм", "", "slot.iin_wrong"}, {"901301300123", "", "slot.iin_birth"}, {"900101900123", "", "slot.iin_birth"},
		{"900101300123", "", "slot.iin_check"}, {"900101300162", "", "slot.iin_check"}, {"900110300126", "", "slot.iin_check"}, // a digit, two digits, the day
		{"900101300811", "900101300811", ""}, {"900101300800", "", "slot.iin_check"}, // by the second weights, by neither
	})
}
