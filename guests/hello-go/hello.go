// Prints its arguments and one environment variable; with the one argument "nap" it sleeps in several ways instead.
package main

import (
	"os"
	"strings"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "nap" {
		nap()
		return
	}
	greeting, ok := os.LookupEnv("GREETING")
	if !ok {
		greeting = "not set"
	}
	os.Stdout.WriteString("hello from Go, arguments [" + strings.Join(os.Args[1:], ", ") + "], GREETING " + greeting + "\n")
}
