package main

type doctorCommand struct{}
type benchCommand struct{}

func (doctorCommand) Run() error { return nil }
func (benchCommand) Run() error  { return nil }
