package main

import (
	"os"
	"strings"
	"testing"
)

func TestAFolderCalledLikeABuiltInKitHidesItNotUnlessItIsMeant(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("vending", 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := openKit("vending"); err != nil {
		t.Errorf("the built-in kit: %v", err)
	}
	if _, err := openKit("./vending"); err == nil {
		t.Error("the empty folder is taken for a kit")
	}
	var said strings.Builder
	tellKit(&said, "vending")
	if !strings.Contains(said.String(), "./vending") {
		t.Errorf("it says %q", said.String())
	}
}
