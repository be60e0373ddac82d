package dialogs

import yaml "go.yaml.in/yaml/v4"

func (r *reader) state(key, n *yaml.Node, s scope) *State {
	state := &State{Name: r.name(key, "a state"), Line: key.Line, End: scalar(child(n, "end")), Share: scalar(child(n, "share"))}
	r.declare(key, "state", s.dialog, state.Name)
	s.who, s.path = "state “"+state.Name+"”", "dialog/"+s.dialog+"/"+state.Name
	state.Args = r.expressions(child(n, "args"), s)
	s.shown = withArgs(s.shown, state.Args)
	state.Ask, state.Say, state.Hint = r.text(child(n, "ask"), s), r.text(child(n, "say"), s), r.text(child(n, "hint"), s)
	state.Optional, state.Edit = isTrue(child(n, "optional")), isTrue(child(n, "edit"))
	state.Picture = r.use(child(n, "picture"), usePicture, "", s.who+" shows picture")
	if slot := child(n, "slot"); slot != nil {
		state.Slot = r.fills(slot, s.dialog, s.who+" fills slot")
	}
	var ids []string
	for _, node := range elements(child(n, "options")) {
		state.Options = append(state.Options, StateOption{
			ID: r.optionID(child(node, "id"), &ids, s.who), Key: r.text(child(node, "text"), s),
			If: r.condition(child(node, "if"), s), To: r.leads(child(node, "to"), s),
			Do: r.actions(child(node, "do"), s), Set: r.sets(child(node, "set"), s),
		})
	}
	for _, node := range elements(child(n, "accept")) {
		state.Accept = append(state.Accept, Accept{
			Slot: r.fills(child(node, "slot"), s.dialog, s.who+" accepts slot"), Do: r.actions(child(node, "do"), s),
			Say: r.text(child(node, "say"), s), To: r.leads(child(node, "to"), s),
		})
	}
	state.Do = r.actions(child(n, "do"), s)
	state.Next = r.next(child(n, "next"), s)
	state.Timeouts = r.timeouts(child(n, "timeouts"), s)
	state.Call = r.call(child(n, "call"), s)
	return state
}

func withArgs(env exprEnv, args map[string]*Expr) exprEnv {
	extended := exprEnv{}
	for name, m := range env {
		extended[name] = m
	}
	for name := range args {
		extended[name] = anyMember
	}
	return extended
}

// next reads a state's name or a list of branches.
func (r *reader) next(n *yaml.Node, s scope) []Branch {
	if scalar(n) != "" {
		return []Branch{{To: r.leads(n, s)}}
	}
	var branches []Branch
	conditions, open := map[string]bool{}, true
	for i, node := range elements(n) {
		branch := Branch{If: r.condition(child(node, "if"), s), To: r.leads(child(node, "to"), s)}
		last := i == len(n.Content)-1
		switch condition := child(node, "if"); {
		case condition == nil && !last:
			open = false
			r.report(n.Content[i+1], "Put the branch without “if” last.", "%s never comes to this branch: the one before it is always taken", s.who)
		case condition != nil && last && open:
			r.report(node, "Add a last branch without “if”.", "%s has no way on when every condition fails", s.who)
		case condition != nil && conditions[scalar(condition)]:
			r.report(condition, "Remove one of the two.", "%s asks “%s” twice, the second is never taken", s.who, scalar(condition))
		case condition != nil:
			conditions[scalar(condition)] = true
		}
		branches = append(branches, branch)
	}
	if n != nil && n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		r.report(n, "Write the name of a state.", "%s has no branch in “next”", s.who)
	}
	return branches
}

// timeouts reads timeouts, which are positive, rise and do something.
func (r *reader) timeouts(n *yaml.Node, s scope) []Timeout {
	var timeouts []Timeout
	for i, node := range elements(n) {
		t := Timeout{
			After: spanOf(child(node, "after")), Say: r.text(child(node, "say"), s), To: r.leads(child(node, "to"), s),
			Do: r.actions(child(node, "do"), s), Daytime: isTrue(child(node, "daytime")),
		}
		switch {
		case t.After <= 0 && r.fits:
			r.report(child(node, "after"), "Write a time such as 30m.", "a timeout of %s comes after %s", s.who, t.After)
		case i > 0 && t.After <= timeouts[i-1].After && r.fits:
			r.report(child(node, "after"), "Each counts from the question: sort them, each longer than the one before.", "a timeout of %s comes no later than the one before it", s.who)
		}
		if t.Say == "" && t.To == "" && len(t.Do) == 0 && r.fits {
			r.report(node, "Add “say”, “do” or “to”.", "a timeout of %s does nothing", s.who)
		}
		timeouts = append(timeouts, t)
	}
	return timeouts
}

func (r *reader) call(n *yaml.Node, s scope) *Call {
	if n == nil {
		return nil
	}
	call := &Call{Dialog: r.use(child(n, "dialog"), useDialog, "", s.who+" calls dialog"), Take: map[string]string{}}
	call.With = r.with(child(n, "with"), call.Dialog, s)
	for key, v := range pairs(child(n, "take")) {
		call.Take[r.fills(key, s.dialog, s.who+" takes an answer into slot")] = r.use(v, useSlot, call.Dialog, s.who+" takes slot")
	}
	return call
}

// with reads expressions of ours that fill slots of another dialog.
func (r *reader) with(n *yaml.Node, dialog string, s scope) map[string]*Expr {
	for key := range pairs(n) {
		r.fills(key, dialog, s.who+" gives dialog “"+dialog+"” the slot")
	}
	return r.expressions(n, s)
}
