package io.faultdisk.nbd.tls;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where certificates are and what to make of them. Immutable.
 *
 * @param directory with {@code ca-cert.pem}, {@code server-cert.pem}, {@code server-key.pem} or
 *     {@code client-cert.pem}, {@code client-key.pem}; a client's own are optional, as is {@code
 *     ca-crl.pem}; empty: a client without certificate that trusts whom the JDK trusts
 * @param name how the user spells the directory, for messages
 * @param verifyPeer whether the other end must show a certificate that is to be trusted
 * @param sanityCheck whether to refuse certificates of one's own that others would not trust
 * @param password of the private key, if that is encrypted
 * @param versions of TLS that may be used
 */
public record X509Settings(
    Endpoint endpoint,
    Optional<Path> directory,
    String name,
    boolean verifyPeer,
    boolean sanityCheck,
    Optional<String> password,
    TlsVersions versions) {

  /** With the defaults: peers and one's own certificates are checked, keys are not encrypted. */
  public static X509Settings of(Endpoint endpoint, Path directory) {
    return new X509Settings(
        endpoint,
        Optional.of(directory),
        directory.toString(),
        true,
        true,
        Optional.empty(),
        TlsVersions.ALL);
  }

  /** The same with another answer to whether the other end is checked. */
  public X509Settings withVerifyPeer(boolean verify) {
    return new X509Settings(endpoint, directory, name, verify, sanityCheck, password, versions);
  }

  /** The same with another answer to whether one's own certificates are checked. */
  public X509Settings withSanityCheck(boolean check) {
    return new X509Settings(endpoint, directory, name, verifyPeer, check, password, versions);
  }

  /** The same with a password for the private key. */
  public X509Settings withPassword(String secret) {
    return new X509Settings(
        endpoint, directory, name, verifyPeer, sanityCheck, Optional.of(secret), versions);
  }

  /** The same with other versions. */
  public X509Settings withVersions(TlsVersions some) {
    return new X509Settings(endpoint, directory, name, verifyPeer, sanityCheck, password, some);
  }
}
