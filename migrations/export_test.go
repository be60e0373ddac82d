package migrations

// RunFiles is Run for any set of files, for tests that need a schema of another age.
var RunFiles = run

// Files are the program's own migrations.
var Files = files
