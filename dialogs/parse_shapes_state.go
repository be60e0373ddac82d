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
