package db

import (
	"database/sql/driver"
	_ "embed" // for the schema
	"fmt"

	"github.com/mattn/go-sqlite3"

	"e2etap/internal/traffic"
)

// applicationID marks a SQLite file as a recording: "e2et".
const applicationID = 0x65326574

//go:embed schema/0001_recording.sql
var recordingSQL string

//go:embed schema/0002_attribution.sql
var attributionSQL string

//go:embed schema/0003_audit.sql
var auditSQL string

//go:embed schema/0004_correlation.sql
var correlationSQL string

//go:embed schema/0005_endpoint.sql
var endpointSQL string

//go:embed schema/0006_openapi.sql
var openapiSQL string

//go:embed schema/0007_revision.sql
var revisionSQL string

// migrations holds one script for each schema version, in order from 1.
var migrations = []string{recordingSQL, attributionSQL, auditSQL, correlationSQL, endpointSQL, openapiSQL, revisionSQL}

// endpointVersion is the schema version since which an endpoint tells a request's operation, and so the last one that changed the
// summary, which is made anew from the rows of older recordings.
const endpointVersion = 5

// modernize brings a recording to the newest schema, its lists of names up to date, its endpoints to what they tell now, and its
// summary to its present form. What a killed import of an audit log left undone it does. It is all or nothing: the version is the only mark of what is left to do.
func modernize(conn *sqlite3.SQLiteConn) error {
	return transaction(conn, func() error {
		var old int64
		if err := queryInt(conn, `PRAGMA user_version`, &old); err != nil {
			return err
		}
		if err := migrate(conn, migrations); err != nil {
			return err
		}
		if err := storeNames(conn); err != nil {
			return err
		}
		if _, err := restoreAuditIndex(conn); err != nil || old >= endpointVersion {
			return err
		}
		runs, err := runIDs(conn)
		if err != nil || len(runs) == 0 {
			return err
		}
		if err := splitEndpoints(conn); err != nil {
			return fmt.Errorf("split endpoints: %w", err)
		}
		return rebuildSummary(conn, runs)
	})
}

// migrate runs the scripts that a recording has not seen, in a transaction of the caller's.
func migrate(conn *sqlite3.SQLiteConn, scripts []string) error {
	var version int64
	if err := queryInt(conn, `PRAGMA user_version`, &version); err != nil {
		return err
	}
	for i, script := range scripts {
		if int64(i) < version {
			continue
		}
		err := execute(conn, fmt.Sprintf("%s;\nPRAGMA user_version = %d;\nPRAGMA application_id = %d", script, i+1, applicationID))
		if err != nil {
			return fmt.Errorf("migrate to schema version %d: %w", i+1, err)
		}
	}
	return nil
}

func storeNames(conn *sqlite3.SQLiteConn) error {
	for table, names := range map[string][]string{
		"source": traffic.SourceNames(), "outcome": traffic.OutcomeNames(), "credential": traffic.CredentialNames(),
		"why": traffic.WhyNames(), "role": traffic.RoleNames(), "phase": traffic.PhaseNames(), "told": traffic.ToldNames(), "spec_outcome": traffic.SpecOutcomeNames(),
	} {
		for id, name := range names {
			if err := execute(conn, `REPLACE INTO `+table+` VALUES (?, ?)`, int64(id), name); err != nil {
				return fmt.Errorf("store names of %s: %w", table, err)
			}
		}
	}
	return nil
}

func runIDs(conn driver.Conn) (ids []int64, err error) {
	err = eachRow(conn, `SELECT id FROM run`, func(row []driver.Value) error {
		ids = append(ids, row[0].(int64))
		return nil
	})
	return ids, err
}
