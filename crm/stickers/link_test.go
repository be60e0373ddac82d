package stickers

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"rsc.io/qr"
)

const invitation = "https://t.me/vending_bot?start=e_ABCDEFGHIJKLMNOPQRSTUVWXYZ2345"

func TestAnInvitationIsASquarePictureOfItsCode(t *testing.T) {
	file, err := LinkPNG(invitation)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	code, err := qr.Encode(invitation, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	if side := (code.Size + 2*quietZone) * modulePixels; picture.Bounds().Dx() != side || picture.Bounds().Dy() != side {
		t.Errorf("%v, want a square of %d", picture.Bounds(), side)
	}
	for y := range code.Size {
		for x := range code.Size {
			r, _, _, _ := picture.At((quietZone+x)*modulePixels+1, (quietZone+y)*modulePixels+1).RGBA()
			if (r < 0x8000) != code.Black(x, y) {
				t.Fatalf("module %d,%d has the wrong colour", x, y)
			}
		}
	}
}

func TestATerminalShowsEachModuleOfTheCode(t *testing.T) {
	var out strings.Builder
	if err := WriteTerminal(&out, invitation); err != nil {
		t.Fatal(err)
	}
	code, err := qr.Encode(invitation, qr.L)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if want := (code.Size + 4 + 1) / 2; len(lines) != want {
		t.Fatalf("%d lines, want %d", len(lines), want)
	}
	for y := range code.Size {
		row := []rune(lines[(y+2)/2])
		for x := range code.Size {
			dark := row[x+2] == ' ' || row[x+2] == '▄' && y%2 == 0 || row[x+2] == '▀' && y%2 == 1
			if dark != code.Black(x, y) {
				t.Fatalf("module %d,%d has the wrong colour", x, y)
			}
		}
	}
	if err := WriteTerminal(&out, strings.Repeat("x", 5000)); err == nil {
		t.Error("a link that fits into no code is printed")
	}
}
