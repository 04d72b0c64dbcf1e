package io.faultdisk.nbd.tls;

import javax.net.ssl.SSLException;

/** Finds in what the JDK throws what a user wants to know. Stateless. */
final class HandshakeProblem {
  private HandshakeProblem() {}

  /** Why there is no connection. */
  static TlsException of(SSLException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateTrust.Distrust distrust) {
        return new TlsException(String.valueOf(distrust.getMessage()), e);
      }
    }
    if (text(e).contains("Empty client certificate chain")) {
      return new TlsException("Verify failed: No certificate was found.", e);
    }
    return new TlsException("TLS handshake failed: " + text(e), e);
  }

  /** Why a connection does not go on. */
  static TlsException inSession(SSLException e) {
    return new TlsException(text(e), e);
  }

  private static String text(SSLException e) {
    String text = String.valueOf(e.getMessage());
    if (text.contains("Unsupported or unrecognized SSL message")
        || text.contains("Unrecognized record")) {
      return "An unexpected TLS packet was received.";
    }
    return text;
  }
}
