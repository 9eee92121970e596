// Package web holds the built web app, for the binary that serves it. It promises the files of dist as
// `npm run build` left them; before a build there is only dist/.keep. It refuses nothing and decides nothing:
//
//	index, err := web.Dist.ReadFile("dist/index.html")
package web

import "embed"

// Dist is the folder dist: index.html, icon.svg and assets/ with a hash in every name.
//
//go:embed all:dist
var Dist embed.FS
