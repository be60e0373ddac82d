package cluster

// Address gives the address of the application's database in the cluster that another program runs in a folder: for a command
// that works beside it. Whether the server answers there shows when connecting.
func Address(dir string) (string, error) {
	s, err := openSite(dir)
	if err != nil {
		return "", err
	}
	return (&Cluster{site: s}).DSN(Database), nil
}
