package dialogs

import (
	"strings"

	"govorun/crm"
	"govorun/dialogs/slot"
)

// Needs names what Step wants to know before it can take this input: the asset of a scanned or typed code. Which language the person
// speaks doesn't matter yet; lang is for kinds of needs that depend on it.
func (k *Kit) Needs(s Session, in crm.Inbound, lang string) []Need {
	if s.Pending == "switch" && s.Switch != nil && in.Kind != crm.InTimeout && s.Switch.Start != "" {
		return k.needsOfLink(s.Switch.Start)
	}
	if in.Command == "start" {
		return k.needsOfLink(in.Start)
	}
	if needs := k.needsOfPhone(s, in); needs != nil {
		return needs
	}
	if in.Kind != crm.InText || in.Command != "" || strings.TrimSpace(in.Text) == "" || len(in.Text) > maxCode {
		return nil
	}
	kind, wants := k.assetWanted(s)
	if !wants {
		return nil
	}
	code := slot.AssetCode(in.Text)
	if !strings.ContainsAny(code, "0123456789") {
		return nil // words are no code: they need no look-up and count as no miss
	}
	return []Need{{Kind: NeedAssetByCode, Asset: kind, Text: code}}
}

// maxCode bounds what may be looked up as a code, in bytes: a longer text is none.
const maxCode = 100

func (k *Kit) needsOfLink(payload string) []Need {
	def, entry, rest := k.link(payload)
	if def == nil || len(payload) > maxCode {
		return nil
	}
	sl := def.Slots[entry.Slot]
	if sl == nil {
		return k.needsOfSource(rest)
	}
	if sl.Type != "asset" {
		return nil
	}
	return []Need{{Kind: NeedAssetByLink, Asset: sl.Kind, Text: rest}}
}

// assetWanted tells whether a text may be the code of an asset, and of which kind: at the state that waits, at the one below a
// signal's dialog, or at a question of home when nothing is going on.
func (k *Kit) assetWanted(s Session) (kind string, wants bool) {
	if s.Dialog == "" {
		if home := k.Dialogs[k.Home]; home != nil {
			return home.anyAsset()
		}
		return "", false
	}
	if kind, wants = k.assetAt(s.Dialog, s.State); wants || len(s.Stack) == 0 {
		return kind, wants
	}
	last := s.Stack[len(s.Stack)-1]
	return k.assetAt(last.Dialog, last.State)
}

func (k *Kit) assetAt(dialog, state string) (string, bool) {
	def := k.Dialogs[dialog]
	if def == nil || def.States[state] == nil {
		return "", false
	}
	return def.assetOf(def.States[state])
}

// assetOf is the kind of asset that a state takes, by its question or beside it.
func (d *Definition) assetOf(st *State) (string, bool) {
	if sl := d.Slots[st.Slot]; sl != nil && sl.Type == "asset" {
		return sl.Kind, true
	}
	for i := range st.Accept {
		if sl := d.Slots[st.Accept[i].Slot]; sl != nil && sl.Type == "asset" {
			return sl.Kind, true
		}
	}
	return "", false
}

// anyAsset is the kind of asset that any of the states takes; of several the first by name.
func (d *Definition) anyAsset() (string, bool) {
	for _, name := range sortedKeys(d.States) {
		if kind, wants := d.assetOf(d.States[name]); wants {
			return kind, true
		}
	}
	return "", false
}
