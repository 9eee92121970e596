package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/server"
	"github.com/anamnesis-health/anamnesis/relay/store/files"
	"github.com/anamnesis-health/anamnesis/relay/store/sqlite"
	"github.com/anamnesis-health/anamnesis/web"
)

// options are the flags of the commands that serve.
type options struct {
	listen, metrics, cert, key, data string
	origins                          string
	selfSigned, verbose              bool
}

func serveFlags(f *flags, data string) *options {
	o := &options{}
	f.StringVar(&o.listen, "listen", "127.0.0.1:8788", "`address` to serve on")
	f.StringVar(&o.metrics, "metrics", "", "`address` for Prometheus metrics, off when empty")
	f.StringVar(&o.cert, "tls-cert", "", "certificate chain, a PEM `file`")
	f.StringVar(&o.key, "tls-key", "", "private key of the certificate, a PEM `file`")
	f.BoolVar(&o.selfSigned, "tls-self-signed", false, "make and keep a certificate of this machine's own, for a phone in the same network")
	f.StringVar(&o.data, "data", data, "`folder` for blocks and blobs")
	f.StringVar(&o.origins, "origins", "", "further web `origins` that may connect, with commas between")
	f.BoolVar(&o.verbose, "verbose", false, "log each refused connection's code")
	return o
}

func relay(ctx context.Context, f *flags, args []string) error {
	f.synopsis = "--network FILE --key FILE --data DIR [flags]\n\nServes one lane of a network to those whom its members admit."
	o := serveFlags(f, "")
	network := f.String("network", "", "the network `file`")
	key := f.String("relay-key", "", "the relay's key `file`, that of one lane (also --key)")
	f.StringVar(key, "key", "", "the relay's key `file`, that of one lane")
	if err := f.parse(args); err != nil {
		return err
	}
	if err := errors.Join(f.noArgs(), f.need("network", *network), f.need("key", *key), f.need("data", o.data)); err != nil {
		return errUsage
	}
	n, err := readNetwork(*network)
	if err != nil {
		return err
	}
	k, err := readKey(*key)
	if err != nil {
		return err
	}
	c := hub.Config{Network: n, Relay: k, Policy: hub.Closed}
	if err := c.Check(); err != nil {
		return fmt.Errorf("%s: %w", *key, err)
	}
	l, err := o.listenTCP()
	if err != nil {
		return err
	}
	defer l.Close()
	return serve(ctx, f, o, l, c)
}

func (o *options) listenTCP() (net.Listener, error) {
	if (o.cert == "") != (o.key == "") {
		return nil, errors.New("--tls-cert and --tls-key belong together")
	}
	if o.cert != "" && o.selfSigned {
		return nil, errors.New("--tls-self-signed makes a certificate: leave out --tls-cert and --tls-key")
	}
	l, err := net.Listen("tcp", o.listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use, perhaps by another relay; nothing was changed: stop that, or give --listen another port, such as 127.0.0.1:0 for a free one", o.listen)
	}
	if err != nil {
		return nil, fmt.Errorf("--listen takes an address such as 127.0.0.1:8788: %w", err)
	}
	return l, nil
}

// origin is the address a person types. A listener on all addresses is shown as this machine's own.
func (o *options) origin(l net.Listener) string {
	scheme := "http"
	if o.cert != "" || o.selfSigned {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return scheme + "://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// tls is the listener's certificate; nil without. What a person has to know of one of the machine's own goes to out.
func (o *options) tls(l net.Listener, out io.Writer) (*tls.Config, error) {
	if o.cert == "" && !o.selfSigned {
		return nil, nil
	}
	var pair tls.Certificate
	var err error
	if o.selfSigned {
		names, ips := reachable(l.Addr())
		if pair, err = ownCertificate(o.data, names, ips, time.Now()); err != nil {
			return nil, err
		}
		for _, a := range addresses(l.Addr(), ips) {
			fmt.Fprintf(out, "On a phone in the same network, open %s\n", a)
		}
		fmt.Fprintf(out, "The browser warns once, as nobody vouches for the certificate. Its SHA-256 fingerprint must be\n%s\n", fingerprint(pair))
	} else if pair, err = tls.LoadX509KeyPair(o.cert, o.key); err != nil {
		return nil, fmt.Errorf("%s: %w", o.cert, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}}, nil
}

func serve(ctx context.Context, f *flags, o *options, l net.Listener, c hub.Config) error {
	secure, err := o.tls(l, f.out)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return err
	}
	lane, err := sqlite.Open(filepath.Join(o.data, "lane.db"), c.Network.Net())
	if err != nil {
		return err
	}
	blobs, err := files.Open(filepath.Join(o.data, "blobs"))
	if err != nil {
		return errors.Join(err, lane.Close())
	}
	app, err := fs.Sub(web.Dist, "dist")
	if err != nil {
		return errors.Join(err, lane.Close())
	}
	level := slog.LevelInfo
	if o.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(f.errOut, &slog.HandlerOptions{Level: level}))
	var origins []string
	if o.origins != "" {
		origins = strings.Split(o.origins, ",")
	}
	s, err := server.New(server.Config{Hub: c, Store: lane, Blobs: blobs, App: app, Log: log, TLS: secure, Origins: origins})
	if err != nil {
		return errors.Join(err, lane.Close())
	}
	stop, err := o.serveMetrics(s)
	if err != nil {
		return errors.Join(err, lane.Close())
	}
	defer stop()
	fmt.Fprintf(f.out, "Anamnesis is at %s\nIt keeps sealed data in %s; Ctrl-C stops it.\n", o.origin(l), o.data)
	log.Info("serving", "lane", lane.Tail(), "tls", secure != nil)
	err = s.Serve(ctx, l)
	log.Info("stopped", "lane", lane.Tail())
	return errors.Join(err, lane.Close())
}

// serveMetrics answers on an address of its own, so that it can stay off the public one.
func (o *options) serveMetrics(s *server.Server) (stop func(), err error) {
	if o.metrics == "" {
		return func() {}, nil
	}
	l, err := net.Listen("tcp", o.metrics)
	if err != nil {
		return nil, err
	}
	srv := &http.Server{Handler: s.Metrics(), ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() { // ends with Close; stop waits for it
		defer close(done)
		srv.Serve(l)
	}()
	return func() { srv.Close(); <-done }, nil
}
