package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

var (
	lanNames = []string{"localhost", "desk", "desk.local"}
	lanIPs   = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(192, 168, 7, 9), net.ParseIP("fd00::9")}
)

func TestOwnCertificateIsKept(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	first, err := ownCertificate(dir, lanNames, lanIPs, now)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "tls.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the key file: %v %v", info.Mode(), err)
	}
	if ok, _ := regexp.MatchString(`^([0-9A-F]{2}:){31}[0-9A-F]{2}$`, fingerprint(first)); !ok {
		t.Errorf("fingerprint %s", fingerprint(first))
	}
	same := func(names []string, ips []net.IP, at time.Time) bool {
		c, err := ownCertificate(dir, names, ips, at)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Equal(c.Certificate[0], first.Certificate[0])
	}
	if !same(lanNames, lanIPs, now) || !same(lanNames[:1], lanIPs[:2], now.Add(300*24*time.Hour)) {
		t.Error("made anew without a reason")
	}
	if same(lanNames, append(lanIPs[:3:3], net.IPv4(10, 0, 0, 4)), now) {
		t.Error("kept although this machine has another address")
	}
	if first, err = ownCertificate(dir, lanNames, lanIPs, now); err != nil {
		t.Fatal(err)
	}
	if same(lanNames, lanIPs, now.Add(370*24*time.Hour)) {
		t.Error("kept although it ends in a few weeks")
	}
	if err := os.WriteFile(filepath.Join(dir, "tls.key"), []byte("not a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ownCertificate(dir, lanNames, lanIPs, now); err == nil {
		t.Error("a damaged key was replaced without a word")
	}
}

// TestOwnCertificateVouchesForItselfAlone: whoever trusts it reaches this machine by each of its names, and nobody can
// use its key to be another site.
func TestOwnCertificateVouchesForItselfAlone(t *testing.T) {
	pair, err := ownCertificate(t.TempDir(), lanNames, lanIPs, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(pair.Leaf)
	for _, name := range []string{"localhost", "desk", "desk.local", "127.0.0.1", "192.168.7.9", "fd00::9"} {
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"example.org", "192.168.7.10", "localhost.example.org"} {
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name}); err == nil {
			t.Errorf("it serves %s", name)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, forged := range []*x509.Certificate{{DNSNames: []string{"bank.example"}}, {IPAddresses: []net.IP{net.IPv4(8, 8, 8, 8)}}} {
		forged.SerialNumber, forged.NotBefore, forged.NotAfter = big.NewInt(2), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		der, err := x509.CreateCertificate(rand.Reader, forged, pair.Leaf, &key.PublicKey, pair.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Verify(x509.VerifyOptions{Roots: roots}); err == nil {
			t.Errorf("it vouches for %v %v", forged.DNSNames, forged.IPAddresses)
		}
	}
}

func TestReachableAddresses(t *testing.T) {
	port := func(s string) net.Addr {
		a, err := net.ResolveTCPAddr("tcp", s)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	names, ips := reachable(port("192.168.7.9:8788"))
	if len(names) != 1 || len(ips) != 3 || !ips[2].Equal(net.IPv4(192, 168, 7, 9)) {
		t.Errorf("one address: %v %v", names, ips)
	}
	if got := addresses(port("192.168.7.9:8788"), ips); len(got) != 1 || got[0] != "https://192.168.7.9:8788" {
		t.Errorf("to type: %v", got)
	}
	if _, ips := reachable(port("127.0.0.1:1")); len(addresses(port("127.0.0.1:1"), ips)) != 0 {
		t.Error("the machine's own address is no phone's")
	}
	if got := addresses(port("[::]:9"), []net.IP{net.ParseIP("fd00::9")}); len(got) != 1 || got[0] != "https://[fd00::9]:9" {
		t.Errorf("IPv6: %v", got)
	}
	all, _ := reachable(port("0.0.0.0:1"))
	if len(all) == 0 || all[0] != "localhost" {
		t.Errorf("all addresses: %v", all)
	}
}

// TestOwnCertificateServes a TLS 1.3 handshake to a client that trusts it, and to no other.
func TestOwnCertificateServes(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	o := &options{selfSigned: true, data: t.TempDir()}
	var out bytes.Buffer
	c, err := o.tls(l, &out)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(out.Bytes(), []byte(fingerprint(c.Certificates[0]))) || o.origin(l)[:8] != "https://" {
		t.Errorf("printed %q for %s", out.String(), o.origin(l))
	}
	go func() { // ends when the listener closes
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			tls.Server(raw, c).Handshake()
			raw.Close()
		}
	}()
	roots := x509.NewCertPool()
	roots.AddCert(c.Certificates[0].Leaf)
	conn, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	if conn.ConnectionState().Version != tls.VersionTLS13 {
		t.Error("not TLS 1.3")
	}
	conn.Close()
	if _, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: x509.NewCertPool()}); err == nil {
		t.Error("a stranger trusts it")
	}
}
