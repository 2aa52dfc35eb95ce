package db

import (
	_ "embed" // for the schema
	"fmt"

	"github.com/mattn/go-sqlite3"

	"e2etap/internal/traffic"
)

// applicationID marks a SQLite file as a recording: "e2et".
const applicationID = 0x65326574

//go:embed schema/0001_recording.sql
var recordingSQL string

// migrations holds one script for each schema version, in order from 1.
var migrations = []string{recordingSQL}

// migrate brings a recording to the newest schema, each step in its own transaction, and its lists of names up to date.
func migrate(conn *sqlite3.SQLiteConn, scripts []string) error {
	for i, script := range scripts {
		err := transaction(conn, func() error {
			var version int64
			if err := queryInt(conn, `PRAGMA user_version`, &version); err != nil || version > int64(i) {
				return err
			}
			return execute(conn, fmt.Sprintf("%s;\nPRAGMA user_version = %d;\nPRAGMA application_id = %d",
				script, i+1, applicationID))
		})
		if err != nil {
			return fmt.Errorf("migrate to schema version %d: %w", i+1, err)
		}
	}
	return transaction(conn, func() error { return storeNames(conn) })
}

func storeNames(conn *sqlite3.SQLiteConn) error {
	for table, names := range map[string][]string{
		"source": traffic.SourceNames(), "outcome": traffic.OutcomeNames(), "credential": traffic.CredentialNames(),
	} {
		for id, name := range names {
			if err := execute(conn, `REPLACE INTO `+table+` VALUES (?, ?)`, int64(id), name); err != nil {
				return fmt.Errorf("store names of %s: %w", table, err)
			}
		}
	}
	return nil
}
