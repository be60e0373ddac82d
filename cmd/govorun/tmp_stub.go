package main

type tryCommand struct{}
type doctorCommand struct{}
type benchCommand struct{}

func (tryCommand) Run() error    { return nil }
func (doctorCommand) Run() error { return nil }
func (benchCommand) Run() error  { return nil }
