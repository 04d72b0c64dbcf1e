package io.faultdisk.nbd.tls;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCrypto;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCryptoProvider;

/**
 * What both ends of a connection with a pre-shared key are ready to use. GnuTLS, as QEMU and libnbd
 * call it, agrees to TLS 1.3 with one of the first; all of this is forward secret. Stateless.
 */
final class PskSuites {
  /** In 1.3, a key from a file goes with SHA-256 only. */
  private static final int[] SUITES = {
    CipherSuite.TLS_AES_128_GCM_SHA256,
    CipherSuite.TLS_CHACHA20_POLY1305_SHA256,
    CipherSuite.TLS_DHE_PSK_WITH_AES_256_GCM_SHA384,
    CipherSuite.TLS_DHE_PSK_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite.TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256,
  };

  private PskSuites() {}

  /** Ciphers of the JDK, which the processor helps with. */
  static TlsCrypto crypto() {
    return new JcaTlsCryptoProvider().create(new SecureRandom());
  }

  static int[] of(TlsCrypto crypto) {
    return TlsUtils.getSupportedCipherSuites(crypto, SUITES);
  }

  static ProtocolVersion[] versions(TlsVersions versions) {
    List<ProtocolVersion> all = new ArrayList<>();
    if (versions.tls13()) {
      all.add(ProtocolVersion.TLSv13);
    }
    if (versions.tls12()) {
      all.add(ProtocolVersion.TLSv12);
    }
    return all.toArray(new ProtocolVersion[0]);
  }
}
