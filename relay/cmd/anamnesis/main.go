// Command anamnesis is a relay with the web app inside: one binary to try out, one to run.
//
//	anamnesis dev                              make a network for a try-out and serve it on this machine
//	anamnesis relay --network FILE --key FILE  serve a lane of a network, to those its members admit
//	anamnesis admit --network FILE --key FILE  sign tokens with a member's key
//	anamnesis check --data DIR                 verify everything a relay has stored
//	anamnesis check FILE.proof                 check the proof of one record, offline
//
// It promises to end rather than answer when it cannot know what is on disk. It refuses a data folder of another
// network or one in use. Every flag has an environment variable: --tls-cert is ANAMNESIS_TLS_CERT.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
)

const usage = `Anamnesis: a health-record ledger that patients own.

Usage:
  anamnesis dev      make a network for a try-out and serve it on this machine
  anamnesis relay    serve one lane of a network
  anamnesis admit    sign admission tokens with a member's key
  anamnesis check    verify everything a relay has stored, or the proof of one record
  anamnesis version  print the version
  anamnesis help     print this

anamnesis <command> -h lists a command's flags. Each flag may be set in the environment:
--tls-cert is ANAMNESIS_TLS_CERT.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// errUsage was already explained.
var errUsage = errors.New("usage")

func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	err := command(ctx, args, out, errOut)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return 2
	}
	fmt.Fprintf(errOut, "anamnesis: %v\n", err)
	return 1
}

func command(ctx context.Context, args []string, out, errOut io.Writer) error {
	if len(args) == 0 {
		fmt.Fprint(errOut, usage)
		return errUsage
	}
	f := newFlags(args[0], out, errOut)
	switch args[0] {
	case "dev":
		return dev(ctx, f, args[1:])
	case "relay":
		return relay(ctx, f, args[1:])
	case "admit":
		return admit(f, args[1:])
	case "check":
		return check(f, args[1:])
	case "version", "--version", "-version":
		fmt.Fprintln(out, version())
		return nil
	case "help", "-h", "-help", "--help":
		fmt.Fprint(out, usage)
		return nil
	}
	fmt.Fprintf(errOut, "anamnesis: no command %q\n\n%s", args[0], usage)
	return errUsage
}

func version() string {
	v, goVersion, revision := "devel", "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		goVersion = info.GoVersion
		if info.Main.Version != "" && info.Main.Version != "(devel)" {
			v = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return strings.Join(strings.Fields("anamnesis "+v+" "+revision+" "+goVersion), " ")
}

// flags is one command's flag set, whose help goes to out and whose complaints go to errOut.
type flags struct {
	*flag.FlagSet
	out, errOut io.Writer
	synopsis    string
}

func newFlags(name string, out, errOut io.Writer) *flags {
	f := &flags{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError), out: out, errOut: errOut}
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	return f
}

// parse reads the environment, then args.
func (f *flags) parse(args []string) error {
	var bad error
	f.VisitAll(func(fl *flag.Flag) {
		name := "ANAMNESIS_" + strings.ToUpper(strings.ReplaceAll(fl.Name, "-", "_"))
		if v, ok := os.LookupEnv(name); ok && bad == nil {
			if err := fl.Value.Set(v); err != nil {
				bad = fmt.Errorf("%s=%q: %v", name, v, err)
			}
		}
	})
	if bad == nil {
		bad = f.FlagSet.Parse(args)
	}
	if errors.Is(bad, flag.ErrHelp) {
		fmt.Fprintf(f.out, "Usage: anamnesis %s %s\n\n", f.Name(), f.synopsis)
		f.SetOutput(f.out)
		f.PrintDefaults()
		return flag.ErrHelp
	}
	if bad != nil {
		return f.wrong("%v", bad)
	}
	return nil
}

// noArgs refuses arguments that are no flags.
func (f *flags) noArgs() error {
	if f.NArg() > 0 {
		return f.wrong("unexpected argument %q", f.Arg(0))
	}
	return nil
}

func (f *flags) need(name, value string) error {
	if value == "" {
		return f.wrong("--%s is needed", name)
	}
	return nil
}

func (f *flags) wrong(format string, args ...any) error {
	fmt.Fprintf(f.errOut, "anamnesis %s: %s\nanamnesis %s -h lists the flags\n", f.Name(), fmt.Sprintf(format, args...), f.Name())
	return errUsage
}
