package main

import (
	"fmt"
	"slices"
	"strings"

	"govorun/crm"
)

// effectWords says what an effect does, in a line for whoever writes a kit.
func effectWords(e crm.Effect) string {
	switch e := e.(type) {
	case crm.DealOpened:
		return fmt.Sprintf("open a deal on %s.%s %s", e.Deal.Pipeline, e.Deal.Stage, fieldWords(e.Deal.Fields))
	case crm.DealMoved:
		return strings.TrimRight(fmt.Sprintf("move to %s %s", e.Stage, e.Reason), " ")
	case crm.DealChanged:
		return "set " + fieldWords(e.Fields)
	case crm.DealOwned:
		return fmt.Sprintf("make employee %d responsible", e.Owner)
	case crm.OwnerWanted:
		return "find an owner: " + strings.Join(nonEmpty(e.Role, e.City, e.Skill, e.Source), ", ")
	case crm.Commented:
		return fmt.Sprintf("comment “%s”", e.Text)
	case crm.TaskAdded:
		return fmt.Sprintf("give a task “%s”, due %s", e.Title, e.DueAt.Format("2006-01-02 15:04"))
	case crm.Notified:
		return "tell " + strings.Join(nonEmpty(string(e.To), e.Role, e.Key, e.Card), ", ")
	case crm.TimerSet:
		return fmt.Sprintf("set a timer %s %s for %s", e.Kind, e.Rule, e.DueAt.Format("2006-01-02 15:04"))
	case crm.Rated:
		return fmt.Sprintf("rate %+d: %s", e.Points, e.Reason)
	case crm.DialogWanted:
		return "start the dialog " + e.Dialog
	case crm.ContactChanged:
		return "change the contact " + fieldWords(e.Fields)
	case crm.HookCalled:
		return "tell the hook " + e.Hook
	case crm.Recorded:
		return "record " + e.Kind
	case crm.HandedOver:
		return "call a person: " + e.Role
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", e), "crm.")
}

func fieldWords(fields crm.Fields) string {
	words := make([]string, 0, len(fields))
	for name, value := range fields {
		words = append(words, fmt.Sprintf("%s=%v", name, value))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

func nonEmpty(words ...string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}
