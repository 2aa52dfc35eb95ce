// Package web is the browser's view of a recorded run: the application, which "make ui" builds from the folder ui, and the file that
// has a run with it, for "report html". It opens no connection: internal/web/server does, and its pages are the same application.
//
// # The file
//
// [Write] makes one HTML file that needs nothing else. Its data stand in script elements of the type application/octet-stream, as gzip
// in base64, so that no name in a recording can end one: "model", "activity", "unattributed", "audited", "operations" and, if the run is
// compared with another, "diff" with the JSON of internal/view, and
// "r0", "r1", … with requests of a test each, as [view.Pack] writes them, which the application unpacks when they are looked at. Its
// Content-Security-Policy allows the file's own script and style, and no connection at all.
package web

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html"
)

//go:embed dist/app.js dist/app.css
var dist embed.FS

// Script is the application.
func Script() []byte { return asset("dist/app.js") }

// Style is the application's style sheet.
func Style() []byte { return asset("dist/app.css") }

func asset(name string) []byte {
	b, err := dist.ReadFile(name)
	if err != nil {
		panic(err) // the compiler put it there
	}
	return b
}

// head is the beginning of a page, up to its style sheet. Policy is of a page that is opened from disk; "" for others.
func head(title, policy string) string {
	if policy != "" {
		policy = `<meta http-equiv="Content-Security-Policy" content="` + html.EscapeString(policy) + `">` + "\n"
	}
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
` + policy + `<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>` + html.EscapeString(title) + `</title>
<link rel="icon" href="data:,">
`
}

// body is the beginning of a page's body: where the application goes, and what is shown before it is there.
const body = `</head>
<body>
<div id="app"><p class="boot">Opening the recording…</p></div>
<noscript>This page needs JavaScript.</noscript>
`

// Page is the page whose application and data are asked for by addresses below the page's own.
func Page(title string) []byte {
	return []byte(head(title, "") + `<link rel="stylesheet" href="app.css">
` + body + `<script type="module" src="app.js"></script>
</body>
</html>
`)
}

// policy allows nothing but one inline script and one inline style sheet.
func policy(script, style []byte) string {
	hash := func(b []byte) string {
		sum := sha256.Sum256(b)
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return fmt.Sprintf("default-src 'none'; script-src %s; style-src %s; img-src data:; base-uri 'none'; form-action 'none'", hash(script), hash(style))
}
