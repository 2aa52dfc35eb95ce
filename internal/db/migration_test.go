package db

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRecordingsOfVersion1AreBroughtUpToDate by who opens them, a reader too, with all that they hold.
func TestRecordingsOfVersion1AreBroughtUpToDate(t *testing.T) {
	for name, open := range map[string]func(path string) error{
		"reader": func(path string) error {
			r, err := OpenReader(path)
			if err == nil {
				err = r.Close()
			}
			return err
		},
		"recorder": func(path string) error {
			r, err := Create(path, testRun("next"), Options{})
			if err == nil {
				err = r.Close(testEnd)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "old.db")
			conn := program(t, path)
			if err := migrate(conn, migrations[:1]); err != nil {
				t.Fatal(err)
			}
			sqlExec(t, conn, version1)
			conn.Close()
			if err := open(path); err != nil {
				t.Fatal(err)
			}
			for sql, want := range map[string]string{
				`SELECT id, test, test_source, test_why, tagged_as, pid FROM requests`: "1|the test|user-agent|||NULL\n2||none|no spec known||NULL",
				`SELECT id, remote, process, unknown FROM connections`:                 "1|127.0.0.1:40312|0|",
				`SELECT test, requests, from_user_agent, from_process FROM tests`:      "|1|0|0\nthe test|1|1|0",
			} {
				if diff := cmp.Diff(want, strings.Join(ask(t, path, sql), "\n")); diff != "" {
					t.Errorf("%s: -want +got\n%s", sql, diff)
				}
			}
		})
	}
}

// TestRecordingsOfVersion2GetRoomForAuditLogs and keep what they hold; the summary is made from it.
func TestRecordingsOfVersion2GetRoomForAuditLogs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	conn := program(t, path)
	if err := migrate(conn, migrations[:1]); err != nil {
		t.Fatal(err)
	}
	sqlExec(t, conn, version1)
	if err := migrate(conn, migrations[:2]); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	for sql, want := range map[string]string{
		`SELECT count(*) FROM audit_events`: "0",
		`SELECT test, requests FROM tests`:  "|1\nthe test|1",
		`SELECT id, test FROM requests`:     "1|the test\n2|",
		`PRAGMA user_version`:               fmt.Sprint(len(migrations)),
	} {
		if diff := cmp.Diff(want, strings.Join(ask(t, path, sql), "\n")); diff != "" {
			t.Errorf("%s: -want +got\n%s", sql, diff)
		}
	}
}

// version1 is a run with a connection and two requests, as the first version of the schema has them.
const version1 = `
INSERT INTO string VALUES (1, '127.0.0.1'), (2, 'h2'), (3, 'e2e.test/v1'), (4, 'pods-1');
INSERT INTO test VALUES (1, 'the test');
INSERT INTO run VALUES (1, 'run-1', '[]', '', '', '', '', 1000, 2000, 0, 0, 1, x'00');
INSERT INTO connection VALUES (1, 1, 1000, 1, 40312, 2, NULL, NULL, NULL);
INSERT INTO endpoint VALUES (1, 'GET', 'list', '', 'v1', 'pods', '');
INSERT INTO client VALUES (1, 3, 1, 0, 0, 0, 1), (2, 3, 0, 0, 0, 0, 1);
INSERT INTO query VALUES (1, 0, '', '', 0, '', '');
INSERT INTO content VALUES (1, '', '');
INSERT INTO request VALUES
	(1, 1, 1, 1000, 10, 5, 1, 4, 0, 0, 1, 1, 200, 0, 7, 1, x'000102030405060708090a0b0c0d0e0f', 1, 2, 0, 0, 0),
	(2, 1, 1, 1100, 10, 5, 1, 4, 0, 0, 1, 1, 200, 0, 7, 2, 'text', 0, 0, 0, 0, 0);
INSERT INTO summary VALUES (1, 1, 1, 0, 0, 0, 0, 7, 10, 10, 1, 1, 10, 10);
INSERT INTO summary_parts VALUES (1, 1, x'00');`
