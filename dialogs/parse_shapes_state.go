package dialogs

func stateShape() *shape {
	state := anObject("a state", "One place in the dialog. With “ask” it waits for an answer, else it acts and goes on.",
		may("ask", aTextKey("the text key of the question")),
		may("say", aTextKey("the text key of a statement made on entering")),
		may("hint", aTextKey("the text key shown after a second wrong answer")),
		may("picture", aText("“picture”", "a file in pictures/ shown above the question")),
		may("slot", aText("“slot”", "the slot that the answer fills")),
		may("options", listOf("“options”", optionShape())),
		may("accept", listOf("“accept”", acceptShape())),
		may("share", aWord("“share”", "a key that shares the phone number or the place", "contact", "location")),
		may("optional", aFlag("“optional”", "the question may be skipped")),
		may("edit", aFlag("“edit”", "the question replaces the message whose button was pressed")),
		may("do", actionsShape()),
		may("next", nextShape()),
		may("timeouts", listOf("“timeouts”", timeoutShape())),
		may("call", callShape()),
		may("end", aWord("“end”", "the dialog ends here", "done", "cancelled")),
		may("args", exprMap("“args”", "more placeholders for the texts of this state")),
	)
	state.empty = true
	return state
}

func optionShape() *shape {
	return anObject("an option", "Something that may be pressed.",
		must("id", aText("the id of an option", "a short word that stays the same when texts change")),
		must("text", aTextKey("the text key of the button")),
		may("if", anExpr("when the option is offered")),
		may("to", aText("“to”", "the state it leads to; without it, “next”")),
		may("do", actionsShape()),
		may("set", exprMap("“set”", "slots to fill")),
	)
}

func acceptShape() *shape {
	return anObject("an accepted answer", "Something else that the state takes besides its main answer.",
		must("slot", aText("“slot” of an accepted answer", "the slot it fills")),
		may("do", actionsShape()),
		may("say", aTextKey("the text key of the answer")),
		may("to", aText("“to”", "the state it leads to; without it, the state stays")),
	)
}

func nextShape() *shape {
	branch := anObject("a branch", "A way on.",
		may("if", anExpr("when this way is taken")),
		must("to", aText("“to”", "the state it leads to")),
	)
	next := aText("“next”", "the state to go to, or a list of branches of which the first that fits is taken")
	next.or = listOf("“next”", branch)
	return next
}

func timeoutShape() *shape {
	return anObject("a timeout", "What happens when nobody answers.",
		must("after", aPeriod("“after”", "how long after the question")),
		may("say", aTextKey("the text key of a reminder")),
		may("to", aText("“to”", "the state it leads to")),
		may("do", actionsShape()),
		may("daytime", aFlag("“daytime”", "not at night")),
	)
}

func callShape() *shape {
	return anObject("a call", "Another dialog that runs and comes back.",
		must("dialog", aText("“dialog” of a call", "the dialog to run")),
		may("with", exprMap("“with”", "slots of that dialog to fill")),
		may("take", mapOf("“take”", "slots of ours to fill from slots of that dialog", aText("a slot", "a slot of that dialog"))),
	)
}

func actionsShape() *shape {
	role := aText("“role”", "a role of kit.yaml")
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
		may("move_deal", moveShape()),
		may("own", anExpr("who becomes responsible: me, or an employee's id")),
		may("comment", anExpr("a line for the deal's timeline")),
		may("attach", aText("“attach”", "the slot whose files are attached to the deal")),
		may("set_contact", exprMap("“set_contact”", "name, phone, lang or any field of the contact")),
		may("task", anObject("“task”", "Gives a role something to do.",
			must("role", role),
			must("title", aTextKey("the text key of the task")),
			may("due", aPeriod("“due”", "how long from now")))),
		may("notify", anObject("“notify”", "Shows a card to a role, or tells somebody a text.",
			may("role", role),
			may("card", aText("“card”", "a card of cards.yaml")),
			may("to", aWord("“to”", "who is told", "contact", "owner")),
			may("text", aTextKey("the text key of what is told")))),
		may("hand_over", anObject("“hand_over”", "Asks for a person.",
			may("role", role),
			may("reason", aTextKey("the text key of the reason")))),
		may("start_dialog", anObject("“start_dialog”", "Starts a dialog in the person's own chat.",
			must("dialog", aText("“dialog”", "the dialog to start")),
			may("with", exprMap("“with”", "slots of that dialog to fill")))),
		may("set", exprMap("“set”", "slots to fill")),
		may("clear", listOf("“clear”", aText("a slot", "slots to empty"))),
		may("record", aText("“record”", "a word for the timeline")),
	)
	action.one = true
	return listOf("“do”", action)
}

func moveShape() *shape {
	move := aText("“move_deal”", "the stage to move the deal to")
	move.or = anObject("“move_deal”", "Moves the deal.",
		must("stage", aText("“stage”", "the stage to move to")),
		may("reason", anExpr("the reason of a loss")))
	return move
}
