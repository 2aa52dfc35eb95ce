// Command duckdb makes a table of an audit log, in a new DuckDB database, and prints the number of its rows; without arguments, it
// prints DuckDB's version. It is a module of its own, so that nothing else depends on DuckDB.
package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "duckdb: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch len(args) {
	case 0:
		return ask("", `SELECT version()`)
	case 2:
		log := strings.ReplaceAll(args[1], "'", "''")
		return ask(args[0], `CREATE TABLE audit AS SELECT * FROM read_json('`+log+`', format = 'newline_delimited')`, `SELECT count(*) FROM audit`)
	}
	return fmt.Errorf("arguments %q: want DATABASE LOG, or none", args)
}

// ask runs statements on a database file ("": none) and prints what the last one returns. Closing it writes all of it to the file.
func ask(path string, statements ...string) error {
	db, err := sql.Open("duckdb", path)
	if err != nil {
		return err
	}
	last := len(statements) - 1
	for _, statement := range statements[:last] {
		if _, err := db.Exec(statement); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	var answer string
	if err := db.QueryRow(statements[last]).Scan(&answer); err != nil {
		return errors.Join(err, db.Close())
	}
	fmt.Println(answer)
	return db.Close()
}
