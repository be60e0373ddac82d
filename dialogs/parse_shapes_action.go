package dialogs

// actionsShape is a list of things to do, in dialogs, cards and rules.
func actionsShape() *shape {
	action := anObject("an action", "Exactly one thing to do.",
		may("open_deal", anObject("“open_deal”", "Opens a deal for the person.",
			must("pipeline", aText("“pipeline”", "a pipeline of pipelines.yaml")),
			must("stage", aText("“stage”", "a stage of that pipeline")),
			must("title", anExpr("the title of the deal")),
			may("asset", aText("“asset”", "the slot that holds the asset")),
			may("unique", anExpr("a key that only one open deal may bear")),
			may("fields", exprMap("“fields”", "fields of the deal")))),
		may("use_deal", anExpr("the number of an existing deal that this dialog is about from here on")),
		may("set_deal", exprMap("“set_deal”", "fields of the deal to set")),
		may("fill_deal", listOf("“fill_deal”", aText("a slot", "slots: the answers that were given become fields of the deal"))),
		may("move_deal", moveShape()),
		may("own", anExpr("who becomes responsible: me, or an employee's id")),
		may("assign", assignShape("“assign”")),
		may("comment", anExpr("a line for the deal's timeline")),
		may("attach", aText("“attach”", "the slot whose files are attached to the deal")),
		may("book", aText("“book”", "the slot of type window whose time becomes the visit of the deal; it is moved when there is one")),
		may("visit", aText("“visit” as an action", "a kind of visit: who acts chooses its time in their own chat")),
		may("cancel_visit", aText("“cancel_visit”", "a kind of visit that does not take place")),
		may("set_contact", exprMap("“set_contact”", "name, phone, lang or any field of the contact")),
		may("task", taskShape("“task”")),
		may("notify", anObject("“notify”", "Shows a card to a role, or tells somebody a text.",
			may("role", aRole()),
			may("card", aText("“card”", "a card of cards.yaml")),
			may("to", aWord("“to”", "who is told", "contact", "owner")),
			may("text", aTextKey("the text key of what is told")),
			may("advert", aFlag("“advert”", "it advertises: not told to a contact who wants no broadcasts")))),
		may("rate", anObject("“rate”", "Gives somebody points, or takes them.",
			must("who", aWord("“who”", "whose points", "owner", "contact", "me")),
			must("points", aNumber("“points”", "how many; below zero they are taken")),
			must("reason", aTextKey("the text key of the reason")))),
		may("remind", anObject("“remind”", "Reminds the contact until they answer.",
			must("text", aTextKey("the text key of the reminder")),
			must("after", aPeriod("“after”", "how long from now")),
			may("every", aPeriod("“every”", "how long between reminders; as “after” when absent")),
			may("max", aNumber("“max”", "how many, at most the kit's “reminders”")),
			may("task", taskShape("“task” of a reminder")),
			may("advert", aFlag("“advert”", "it advertises: not sent to a contact who wants no broadcasts")))),
		may("hand_over", anObject("“hand_over”", "Asks for a person.",
			may("role", aRole()),
			may("reason", aTextKey("the text key of the reason")))),
		may("start_dialog", anObject("“start_dialog”", "Starts a dialog in the person's own chat.",
			must("dialog", aText("“dialog”", "the dialog to start")),
			may("with", exprMap("“with”", "slots of that dialog to fill")))),
		may("set", exprMap("“set”", "slots to fill")),
		may("clear", listOf("“clear”", aText("a slot", "slots to empty"))),
		may("consent", aText("“consent”", "a consent of kit.yaml: the person agrees to its present version")),
		may("send_document", aText("“send_document”", "a document of kit.yaml, which is made of the deal's data and sent to the contact")),
		may("agree", aText("“agree”", "a document of kit.yaml: the person agrees to it as it was sent last")),
		may("hook", hookShape()),
		may("record", aText("“record”", "a word for the timeline")),
		may("replace", replaceShape()),
		may("hand_back", handBackShape()),
		may("ask_back", askBackShape()),
	)
	action.one = true
	return listOf("“do”", action)
}

func aRole() *shape { return aText("“role”", "a role of kit.yaml") }

func taskShape(noun string) *shape {
	return anObject(noun, "Gives a role or the owner something to do.",
		may("role", aRole()),
		may("to", aWord("“to” of a task", "the owner of the deal", "owner")),
		must("title", aTextKey("the text key of the task")),
		may("due", aPeriod("“due”", "how long from now")),
		may("points", aNumber("“points” of a task", "points taken when it is overdue, below zero")),
		may("card", aText("“card”", "a card of cards.yaml that is shown with it")))
}

// assignShape is how an owner is chosen.
func assignShape(noun string) *shape {
	return anObject(noun, "Chooses the owner among employees who are at work.",
		must("role", aRole()),
		may("city", anExpr("only employees of this city")),
		may("skill", anExpr("only employees with this skill")),
		may("source", anExpr("where the deal came from: only employees who take such ones")),
		may("pick", aWord("“pick”", "who of several: with the fewest open deals (load, as when absent), or who waits longest (queue)", "load", "queue")),
		may("cap", aNumber("“cap”", "open deals a person may have")),
		may("within", aPeriod("“within”", "who doesn't take the deal so soon passes it on")),
		may("head", aText("“head” of an assignment", "the role that gets it when nobody is there; the kit's head when absent")))
}

func moveShape() *shape {
	move := aText("“move_deal”", "the stage to move the deal to")
	move.or = anObject("“move_deal”", "Moves the deal.",
		must("stage", aText("“stage”", "the stage to move to")),
		may("reason", anExpr("the reason of a loss")))
	return move
}
