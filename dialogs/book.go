package dialogs

import (
	"govorun/crm"
	"govorun/crm/rules"
)

// book makes functions of what the kit says about deals that act by themselves.
func (k *Kit) book() *rules.Book {
	book := &rules.Book{Pipelines: map[string]*rules.Pipeline{}, Head: k.Head}
	for name, p := range k.Pipelines {
		book.Pipelines[name] = k.bookPipeline(p)
	}
	for _, l := range k.Links {
		book.Links = append(book.Links, &rules.Link{
			Name: l.Name, Mirror: l.Mirror, From: l.From, To: l.To, Back: l.Back, Results: l.Results, Keep: l.Keep, Stages: l.Stages,
			Up: l.Up, Down: l.Down, Fields: k.fieldsIn(l.Fields),
		})
	}
	for _, u := range k.Unique {
		book.Unique = append(book.Unique, &rules.Unique{Name: u.Name, Pipelines: u.Pipelines, Key: k.textIn(u.Key)})
	}
	for _, r := range k.Rules {
		book.Rules = append(book.Rules, k.bookRule(r))
	}
	return book
}

func (k *Kit) bookPipeline(p *Pipeline) *rules.Pipeline {
	pipeline := &rules.Pipeline{Name: p.Name, Missed: p.Missed, Was: p.Was}
	for _, key := range p.Reasons {
		pipeline.Reasons = append(pipeline.Reasons, afterDot(key))
	}
	for _, s := range p.Stages {
		stage := &rules.Stage{
			Name: s.Name, Status: s.Status, To: s.To, By: s.By, Enter: s.Enter, Leave: s.Leave, Template: s.Template, Recall: s.Recall,
		}
		if s.Owner != nil {
			stage.Owner = &rules.Owner{Mover: s.Owner.Mover, Nobody: s.Owner.Nobody}
			if s.Owner.Assign != nil {
				stage.Owner.Want = k.wantedIn(s.Owner.Assign)
			}
		}
		pipeline.Stages = append(pipeline.Stages, stage)
	}
	return pipeline
}

func (k *Kit) bookRule(r *Rule) *rules.Rule {
	rule := &rules.Rule{ID: r.ID, When: r.When}
	rule.Do = func(s rules.Scene) ([]crm.Effect, error) {
		effects, err := k.Act(r.Do, k.Scope(s))
		for i, e := range effects {
			if wanted, ok := e.(crm.DialogWanted); ok { // whoever set the rule off, it talks with the contact
				wanted.Employee = 0
				effects[i] = wanted
			}
		}
		return effects, err
	}
	if r.If != nil {
		rule.If = func(s rules.Scene) (bool, error) { return k.Holds(r.If, k.Scope(s)) }
	}
	return rule
}

// wantedIn asks for an owner as the scene has it.
func (k *Kit) wantedIn(a *Assign) func(rules.Scene) (crm.OwnerWanted, error) {
	return func(s rules.Scene) (crm.OwnerWanted, error) {
		t := k.card(k.Scope(s))
		t.assign(a)
		if t.err != nil {
			return crm.OwnerWanted{}, t.err
		}
		return t.out.Effects[0].(crm.OwnerWanted), nil
	}
}

// fieldsIn evaluates expressions into fields, without those that give nothing; nil when there are none.
func (k *Kit) fieldsIn(set map[string]*Expr) func(rules.Scene) (crm.Fields, error) {
	if len(set) == 0 {
		return nil
	}
	return func(s rules.Scene) (crm.Fields, error) {
		t := k.card(k.Scope(s))
		fields := t.fields(set)
		for name, value := range fields {
			if value == nil {
				delete(fields, name)
			}
		}
		return fields, t.err
	}
}

// textIn evaluates an expression into text.
func (k *Kit) textIn(e *Expr) func(rules.Scene) (string, error) {
	return func(s rules.Scene) (string, error) {
		t := k.card(k.Scope(s))
		return textOf(t.eval(e)), t.err
	}
}
