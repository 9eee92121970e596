package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A certificate of one's own, for trying the app on a phone in the same network: browsers need HTTPS for any address but
// the machine's own. Nobody vouches for it, so that a person compares its fingerprint once.

const (
	// ownDays is the longest that every browser takes of a certificate that a person trusts by hand.
	ownDays  = 397
	freshFor = 30 * 24 * time.Hour // made anew when less is left
)

// ownCertificate reads the certificate in dir, or makes it: when there is none, when it ends within 30 days, and when
// this machine has a name or an address that it does not hold. Only the owner of the files can read the key.
func ownCertificate(dir string, names []string, ips []net.IP, now time.Time) (tls.Certificate, error) {
	certFile, keyFile := filepath.Join(dir, "tls-cert.pem"), filepath.Join(dir, "tls.key")
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err == nil && serves(pair.Leaf, names, ips, now) {
		return pair, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return pair, fmt.Errorf("%s: %w", certFile, err)
	}
	cert, key, err := selfSigned(names, ips, now)
	if err != nil {
		return pair, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return pair, err
	}
	for _, f := range []struct {
		path string
		b    []byte
	}{{keyFile, key}, {certFile, cert}} {
		if err := os.WriteFile(f.path+".new", f.b, 0o600); err != nil {
			return pair, err
		}
		if err := os.Rename(f.path+".new", f.path); err != nil {
			return pair, err
		}
	}
	return tls.LoadX509KeyPair(certFile, keyFile)
}

func serves(c *x509.Certificate, names []string, ips []net.IP, now time.Time) bool {
	if now.Before(c.NotBefore) || now.Add(freshFor).After(c.NotAfter) {
		return false
	}
	missing := func(name string) bool { return c.VerifyHostname(name) != nil }
	return !slices.ContainsFunc(names, missing) && !slices.ContainsFunc(ips, func(ip net.IP) bool { return missing(ip.String()) })
}

// selfSigned makes an ECDSA P-256 certificate and its key, both PEM. A phone may be told to trust it, so it says of
// itself that it vouches for these names and no others: its thief could not be another site to that phone.
func selfSigned(names []string, ips []net.IP, now time.Time) (cert, key []byte, err error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, err
	}
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Anamnesis on " + names[0]},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(ownDays*24*time.Hour - time.Hour),
		DNSNames: names, IPAddresses: ips,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: names,
	}
	for _, ip := range ips {
		bits := 8 * net.IPv6len
		if ip.To4() != nil {
			ip, bits = ip.To4(), 8*net.IPv4len
		}
		t.PermittedIPRanges = append(t.PermittedIPRanges, &net.IPNet{IP: ip, Mask: net.CIDRMask(bits, bits)})
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &k.PublicKey, k)
	if err != nil {
		return nil, nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), nil
}

// fingerprint is SHA-256 of a certificate as browsers show it.
func fingerprint(c tls.Certificate) string {
	sum := sha256.Sum256(c.Certificate[0])
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}

// reachable lists under which names and addresses others in the network can reach a listener: the machine's own when it
// listens on all, else the one it listens on. localhost is always among them.
func reachable(l net.Addr) (names []string, ips []net.IP) {
	names = []string{"localhost"}
	ips = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	host, _, err := net.SplitHostPort(l.String())
	if err != nil {
		return names, ips
	}
	if ip := net.ParseIP(host); ip != nil && !ip.IsUnspecified() {
		if !ip.IsLoopback() {
			ips = append(ips, ip)
		}
		return names, ips
	}
	if name, err := os.Hostname(); err == nil && name != "" && name != "localhost" {
		names = append(names, name)
		if !strings.Contains(name, ".") {
			names = append(names, name+".local")
		}
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return names, ips
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			ips = append(ips, n.IP)
		}
	}
	return names, ips
}

// addresses are what to type on a phone.
func addresses(l net.Addr, ips []net.IP) (out []string) {
	_, port, err := net.SplitHostPort(l.String())
	if err != nil {
		return nil
	}
	for _, ip := range ips {
		if !ip.IsLoopback() {
			out = append(out, "https://"+net.JoinHostPort(ip.String(), port))
		}
	}
	return out
}
