package crm

import (
	"strconv"
	"strings"
)

const topicPrefix = "talk:"

// TopicOf names the topic of a talk in the forum of those who lead it, for Outbound.Thread. Whoever sends looks up what the provider calls the topic,
// since that is known only when it is made, and changes when it is made anew.
func TopicOf(talk ConversationID) string { return topicPrefix + strconv.FormatInt(int64(talk), 10) }

// TalkOf gives the talk whose topic a thread names. It is false for a provider's id of a topic, and for no topic.
func TalkOf(thread string) (ConversationID, bool) {
	n, named := strings.CutPrefix(thread, topicPrefix)
	if !named {
		return 0, false
	}
	id, err := strconv.ParseInt(n, 10, 64)
	return ConversationID(id), err == nil && id > 0
}
