package turn_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"govorun/crm"
	"govorun/crm/demo"
	"govorun/dialogs"
	"govorun/dialogs/kits"
	"govorun/dialogs/turn"
)

func TestO09_APressDuringATakeOverSaysThatAPersonAnswers(t *testing.T) {
	h := newHouse(t)
	h.text(aigul, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	question := h.last(azamat)
	h.text(azamat, "оператор")
	h.press(aigul, "Взять диалог")
	r := h.pressOn(azamat, question, "Взял деньги")
	if !strings.Contains(r.Toast, "сотрудник") {
		t.Errorf("the press hears %q", r.Toast)
	}
	if n := h.count("SELECT count(*) FROM deals"); n != 0 {
		t.Error("the press went on with the dialog")
	}
}

func TestX19_WhatAPanicCarriesIsNotKept(t *testing.T) {
	h := newHouse(t)
	files, err := kits.FS("vending")
	if err != nil {
		t.Fatal(err)
	}
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	h.runner = turn.New(turn.Config{DB: h.db, Kit: kit, Log: slog.New(slog.NewTextHandler(&log, nil)), Verify: h.signer.Verify, Groups: 2,
		Capabilities: func(string) dialogs.Capabilities { return dialogs.Capabilities{Buttons: true, Contact: true} },
		Nonce:        func() string { panic(fmt.Errorf("no nonce for Азамат, +77071234567")) }})
	if _, err := h.runner.Accept(context.Background(), h.from(azamat, crm.Inbound{Kind: crm.InText, Text: "/start", Command: "start"})); err != nil {
		t.Fatal(err)
	}
	h.runner.Wait()
	if n := h.count("SELECT count(*) FROM dead_letters"); n != 1 {
		t.Fatalf("%d dead letters: this test tests nothing", n)
	}
	if n := h.count("SELECT count(*) FROM dead_letters WHERE error LIKE '%+7707%' OR error LIKE '%Азамат%'"); n != 0 {
		t.Error("the value of the panic is in the dead letter")
	}
	if n := h.count("SELECT count(*) FROM dead_letters WHERE error LIKE '%panic: *fmt.wrapError%' OR error LIKE '%panic: *errors.errorString%' OR error LIKE '%panic: *fmt%'"); n != 1 {
		t.Error("the dead letter does not say what kind of panic it was")
	}
	if strings.Contains(log.String(), "+7707") {
		t.Error("the value of the panic is in the log")
	}
}
