package turn

import (
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// stranger warns the operators of somebody in the topic of a talk who is no employee, once an hour: what they write reaches nobody, but they read
// what people write.
func (g *group) stranger(t *postgres.Turn) error {
	if t.Employee != nil || t.In.Kind != crm.InText && t.In.Kind != crm.InMedia {
		return nil
	}
	if err := g.inTopic(t); err != nil {
		return err
	}
	if _, ofTalk := crm.TalkOf(t.In.Thread); !ofTalk {
		return nil
	}
	key, now := "stranger "+t.In.Address.Chat+" "+t.In.From.ID, time.Now()
	if told, ok := g.alerted.Load(key); ok && now.Sub(told.(time.Time)) < alertAgain {
		return nil
	}
	g.alerted.Store(key, now)
	return g.say(t, "people.topic_stranger", map[string]any{"name": escaped(t.In.From.Name)})
}
