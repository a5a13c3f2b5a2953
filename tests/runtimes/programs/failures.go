// Fails as told and says on standard output what it threw: a JSON list of type and message, outermost first.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
)

var errNoNumber = errors.New("no number")

func read() error { return fmt.Errorf("gate seven: %w", errNoNumber) }

func enter(message string) { panic(fmt.Sprintf("%s: %v", message, read())) }

func tell(message string) {
	told, _ := json.Marshal([][]string{{"panic", message}})
	fmt.Println(string(told))
}

func main() {
	message := "gate 7 is locked"
	if os.Args[1] == "lines" {
		message = "gate 7\nis locked"
	}
	tell(message + ": gate seven: no number")
	if os.Args[1] == "logged" {
		defer func() {
			fmt.Fprintf(os.Stderr, "2026/11/24 10:00:00 %v\n%s", recover(), debug.Stack())
		}()
	}
	enter(message)
}
