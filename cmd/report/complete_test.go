package main

import (
	"strings"
	"testing"
)

func TestOnlyFormatsThatACommandTakesAreCompleted(t *testing.T) {
	for command, want := range map[string]string{"summary": "markdown html json", "runs": strings.Join(formatNames(), " ")} {
		offered := strings.Fields(says(t, "__completeNoDesc", command, "-o", ""))
		if got := strings.Join(offered[:len(offered)-1], " "); got != want { // the last one is for the shell
			t.Errorf("%s -o: %q, want %q", command, got, want)
		}
	}
}
