package dialogs

func cityShape() *shape {
	return anObject("a city", "Where people are.",
		may("zone", aText("“zone” of a city", "its time zone; the kit's when absent")),
		may("region", aText("“region” of a city", "the region it belongs to")),
		may("names", mapOf("“names” of a city", "what it is called in a language of the kit", aText("a name", "of the city in this language"))),
		may("also", listOf("“also” of a city", aText("a spelling", "how else people write its name, in any language"))))
}

// pipelinesShape is pipelines.yaml.
func pipelinesShape() *shape {
	return anObject("pipelines.yaml", "The pipelines of the business, and how deals belong together.",
		may("fields", mapOf("“fields”", "fields of deals that stages demand, by name",
			anObject("a field", "A field of deals.", append(answerFields(), must("ask", aTextKey("the text key of the question for it")))...))),
		must("pipelines", mapOf("“pipelines”", "pipelines by name", pipelineShape())),
		may("visits", mapOf("“visits”", "visits that crews make, by kind", visitShape())),
		may("links", mapOf("“links”", "deals that belong together, by the name of the link", linkShape())),
		may("unique", mapOf("“unique”", "what makes a request the same as another, by a name",
			anObject("a unique key", "Of two open deals with one key there is only the first.",
				must("pipelines", listOf("“pipelines” of a key", aText("a pipeline", "where it counts"))),
				must("key", anExpr("the key; an empty one doesn't count"))))),
	)
}

func pipelineShape() *shape {
	return anObject("a pipeline", "A row of stages that deals go through.",
		must("text", aTextKey("the text key of the pipeline's name")),
		may("reasons", listOf("“reasons”", aTextKey("text keys of why deals are lost; the id is what follows the last dot"))),
		may("reason", aTextKey("the text key of the question for the reason; the name of the stage when absent")),
		may("missed", anObject("“missed”", "Where a lost deal opens another, with the reason.",
			must("pipeline", aText("“pipeline”", "a pipeline of pipelines.yaml")),
			must("stage", aText("“stage”", "a stage of that pipeline")))),
		may("was", mapOf("“was”", "stages that are gone, and the stage to which their deals go", aText("a stage", "a stage of this pipeline"))),
		must("stages", mapOf("“stages”", "the stages, in order", stageShape())),
	)
}

func stageShape() *shape {
	owner := aWord("“owner”", "who becomes responsible: who moves the deal (mover), nobody, or somebody who is chosen", "mover", "nobody")
	owner.or = assignShape("“owner”")
	return anObject("a stage", "A place in the pipeline.",
		must("text", aTextKey("the text key of the stage's name")),
		may("status", aWord("the status of a stage", "what a deal is when it stands here: open (default), won or lost", "open", "won", "lost")),
		may("to", listOf("“to” of a stage", aText("a stage", "stages to which a deal may go from here; any when absent"))),
		may("by", listOf("“by”", aText("a role", "roles that may move a deal here by hand; any when absent"))),
		may("enter", listOf("“enter”", aText("a field", "fields demanded before a deal may enter"))),
		may("leave", listOf("“leave”", aText("a field", "fields demanded before a deal may leave"))),
		may("owner", owner),
		may("template", aTextKey("the text key of what the contact is told on entering")),
		may("recall", aPeriod("“recall”", "how often a deal that nobody processed is shown again")),
	)
}

func linkShape() *shape {
	place := func(noun, doc string) *shape { return aText(noun, doc+": pipeline.stage") }
	return anObject("a link", "A stage that opens a deal in another pipeline.",
		may("mirror", aFlag("“mirror”", "both deals are kept in step")),
		must("from", place("“from”", "the stage that opens the other deal when it is entered")),
		must("to", place("“to” of a link", "the stage at which the other deal is opened")),
		may("fields", exprMap("“fields” of a link", "fields of the new deal: expressions over the opening one")),
		may("back", mapOf("“back”", "stages of the opened deal, and where they move the opening one", place("a stage", "a stage of the opening deal's pipeline"))),
		may("results", listOf("“results”", aText("a field", "fields that go back with it"))),
		may("keep", listOf("“keep”", aText("a field", "fields of a mirror that stay equal, both ways"))),
		may("stages", mapOf("“stages” of a mirror", "stages of the opening pipeline, and which stage of the other goes with each", aText("a stage", "a stage of the other pipeline"))),
		may("comments", aWord("“comments”", "which way comments are copied: up to the opening deal (default), down, both or none", "up", "down", "both", "none")),
	)
}

// rulesShape is rules.yaml.
func rulesShape() *shape {
	rule := anObject("a rule", "Something that follows by itself.",
		must("id", aText("the id of a rule", "a word, unlike those of other rules")),
		must("when", triggerShape()),
		may("if", anExpr("a condition")),
		must("do", actionsShape()))
	return anObject("rules.yaml", "What follows by itself.", must("rules", listOf("“rules”", rule)))
}

func triggerShape() *shape {
	fields := make([]field, 0, len(triggers)+1)
	for _, t := range triggers {
		fields = append(fields, may(string(t.kind), aText("“"+string(t.kind)+"”", t.doc)))
	}
	return anObject("“when”", "What the rule waits for: exactly one of these.",
		append(fields, may("for", aPeriod("“for”", "how long a deal stands still, with “idle”")))...)
}
