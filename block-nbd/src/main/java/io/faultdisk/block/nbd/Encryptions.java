package io.faultdisk.block.nbd;

import io.faultdisk.base.UsageException;
import java.util.Optional;

/** Finds the encryption that a user's words mean. Any thread. */
public interface Encryptions {

  /**
   * That of {@code tls-creds=ID}.
   *
   * @throws UsageException if there is none of that name, or it is not for clients
   */
  ClientEncryption named(String id) throws UsageException;

  /**
   * Whether a URI may say all by itself, as with libnbd; not so under the names of QEMU's tools.
   */
  boolean takesUris();

  /**
   * That of a URI {@code nbds://...} or {@code nbds+unix://...}.
   *
   * @throws UsageException if its files are of no use
   */
  ClientEncryption of(UriParameters parameters) throws UsageException;

  /**
   * What a URI says about encryption.
   *
   * @param certificates {@code tls-certificates}, a directory
   * @param keys {@code tls-psk-file}
   * @param user {@code tls-username}, or the part of the authority before the at sign
   * @param verifyPeer {@code tls-verify-peer}
   */
  record UriParameters(
      Optional<String> certificates,
      Optional<String> keys,
      Optional<String> user,
      boolean verifyPeer) {}

  /** Where there is no encryption. */
  static Encryptions none() {
    return new Encryptions() {
      @Override
      public ClientEncryption named(String id) throws UsageException {
        throw new UsageException("No TLS credentials with id '" + id + "'");
      }

      @Override
      public boolean takesUris() {
        return false;
      }

      @Override
      public ClientEncryption of(UriParameters parameters) {
        throw new IllegalStateException("no URIs are taken");
      }
    };
  }
}
