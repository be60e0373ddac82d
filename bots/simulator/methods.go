package simulator

import "strings"

// method is one entry of the Bot API.
type method struct {
	name  string
	run   func(*Server, args) (any, *apiError)
	sends bool // counts against the flood limits
	poll  bool // getUpdates: waits, so it runs outside the lock
}

// methods are all the simulator knows, by lower-case name: Telegram doesn't care about case.
var methods = byName([]method{
	{name: "getMe", run: getMe},
	{name: "logOut", run: logOut},
	{name: "close", run: closeBot},

	{name: "getUpdates", poll: true},
	{name: "setWebhook", run: setWebhook},
	{name: "deleteWebhook", run: deleteWebhook},
	{name: "getWebhookInfo", run: getWebhookInfo},

	{name: "sendMessage", run: sendMessage, sends: true},
	{name: "sendPhoto", run: sendFile("photo"), sends: true},
	{name: "sendDocument", run: sendFile("document"), sends: true},
	{name: "sendVideo", run: sendFile("video"), sends: true},
	{name: "sendAnimation", run: sendFile("animation"), sends: true},
	{name: "sendAudio", run: sendFile("audio"), sends: true},
	{name: "sendVoice", run: sendFile("voice"), sends: true},
	{name: "sendVideoNote", run: sendFile("video_note"), sends: true},
	{name: "sendSticker", run: sendFile("sticker"), sends: true},
	{name: "sendMediaGroup", run: sendMediaGroup, sends: true},
	{name: "sendLocation", run: sendLocation, sends: true},
	{name: "sendVenue", run: sendVenue, sends: true},
	{name: "sendContact", run: sendContact, sends: true},
	{name: "sendPoll", run: sendPoll, sends: true},
	{name: "sendDice", run: sendDice, sends: true},
	{name: "sendChatAction", run: sendChatAction},
	{name: "forwardMessage", run: forwardMessage, sends: true},
	{name: "copyMessage", run: copyMessage, sends: true},

	{name: "editMessageText", run: editMessageText},
	{name: "editMessageCaption", run: editMessageCaption},
	{name: "editMessageMedia", run: editMessageMedia},
	{name: "editMessageReplyMarkup", run: editMessageReplyMarkup},
	{name: "deleteMessage", run: deleteMessage},
	{name: "deleteMessages", run: deleteMessages},
	{name: "answerCallbackQuery", run: answerCallbackQuery},
	{name: "setMessageReaction", run: setMessageReaction},
	{name: "pinChatMessage", run: pinChatMessage},
	{name: "unpinChatMessage", run: unpinChatMessage},
	{name: "unpinAllChatMessages", run: unpinAllChatMessages},

	{name: "getFile", run: getFile},

	{name: "getChat", run: getChat},
	{name: "getChatMember", run: getChatMember},
	{name: "getChatMemberCount", run: getChatMemberCount},
	{name: "getChatAdministrators", run: getChatAdministrators},
	{name: "leaveChat", run: leaveChat},
	{name: "createForumTopic", run: createForumTopic},
	{name: "editForumTopic", run: editForumTopic},
	{name: "closeForumTopic", run: closeForumTopic},
	{name: "reopenForumTopic", run: reopenForumTopic},
	{name: "deleteForumTopic", run: deleteForumTopic},

	{name: "setMyCommands", run: setMyCommands},
	{name: "getMyCommands", run: getMyCommands},
	{name: "deleteMyCommands", run: deleteMyCommands},
	{name: "setChatMenuButton", run: setChatMenuButton},
	{name: "getChatMenuButton", run: getChatMenuButton},
	{name: "setMyName", run: setProfileText("name", "name", 64)},
	{name: "getMyName", run: getProfileText("name", "name")},
	{name: "setMyDescription", run: setProfileText("description", "description", 512)},
	{name: "getMyDescription", run: getProfileText("description", "description")},
	{name: "setMyShortDescription", run: setProfileText("short_description", "short_description", 120)},
	{name: "getMyShortDescription", run: getProfileText("short_description", "short_description")},
})

func byName(list []method) map[string]method {
	m := make(map[string]method, len(list))
	for _, entry := range list {
		m[strings.ToLower(entry.name)] = entry
	}
	return m
}
