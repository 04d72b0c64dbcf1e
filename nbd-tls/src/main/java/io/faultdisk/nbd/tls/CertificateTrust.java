package io.faultdisk.nbd.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXReason;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Decides whether a certificate is to be trusted, and says in QEMU's words why not. Any thread. */
final class CertificateTrust extends X509ExtendedTrustManager {
  private static final X509Certificate[] NONE = {};

  /** What the JDK itself says in TLS 1.3. */
  private static final String ANY_KEY_EXCHANGE = "UNKNOWN";

  private final X509ExtendedTrustManager pkix;

  private CertificateTrust(X509ExtendedTrustManager pkix) {
    this.pkix = pkix;
  }

  /** A certificate is not to be trusted. The message is for whoever asked. */
  static final class Distrust extends CertificateException {
    private static final long serialVersionUID = 1L;

    Distrust(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Trusts what leads to the authorities; without any, what the JDK trusts. */
  static CertificateTrust of(CertificateFiles files) throws GeneralSecurityException {
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    if (files.authorities().isEmpty()) {
      factory.init((KeyStore) null);
    } else {
      factory.init(new CertPathTrustManagerParameters(parameters(files)));
    }
    for (TrustManager each : factory.getTrustManagers()) {
      if (each instanceof X509ExtendedTrustManager found) {
        return new CertificateTrust(found);
      }
    }
    throw new KeyStoreException("no trust manager");
  }

  /** Trusts anybody. */
  static X509ExtendedTrustManager blind() {
    return new Blind();
  }

  private static PKIXBuilderParameters parameters(CertificateFiles files)
      throws GeneralSecurityException {
    KeyStore anchors = KeyStores.empty();
    int number = 0;
    for (X509Certificate authority : files.authorities()) {
      anchors.setCertificateEntry("ca" + number++, authority);
    }
    PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
    parameters.setRevocationEnabled(false);
    if (!files.revoked().isEmpty()) {
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(files.revoked())));
      PKIXRevocationChecker checker =
          (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
      checker.setOptions(
          Set.of(
              PKIXRevocationChecker.Option.PREFER_CRLS,
              PKIXRevocationChecker.Option.NO_FALLBACK,
              PKIXRevocationChecker.Option.SOFT_FAIL));
      parameters.addCertPathChecker(checker);
    }
    return parameters;
  }

  /** What is wrong with a chain as far as time and authorities go; empty if nothing is. */
  Optional<String> objection(List<X509Certificate> chain, Endpoint owner) {
    X509Certificate[] all = chain.toArray(NONE);
    try {
      if (owner == Endpoint.SERVER) {
        pkix.checkServerTrusted(all, ANY_KEY_EXCHANGE);
      } else {
        pkix.checkClientTrusted(all, ANY_KEY_EXCHANGE);
      }
      return Optional.empty();
    } catch (CertificateException e) {
      return Optional.of(text(e));
    }
  }

  private static String text(CertificateException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateExpiredException) {
        return "The certificate is not trusted: it has expired";
      }
      if (cause instanceof CertificateNotYetValidException) {
        return "The certificate is not trusted: it is not yet active";
      }
      if (cause instanceof CertPathValidatorException invalid) {
        if (invalid.getReason() == BasicReason.REVOKED) {
          return "The certificate has been revoked";
        }
        if (invalid.getReason() == BasicReason.ALGORITHM_CONSTRAINED) {
          return "The certificate uses an insecure algorithm";
        }
        if (invalid.getReason() == PKIXReason.NO_TRUST_ANCHOR) {
          return "The certificate hasn't got a known issuer";
        }
      }
    }
    return String.valueOf(e.getMessage()).contains("PKIX path building failed")
        ? "The certificate hasn't got a known issuer"
        : "The certificate is not trusted: " + e.getMessage();
  }

  @Override
  public void checkServerTrusted(
      X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    try {
      pkix.checkServerTrusted(chain, authType, engine);
    } catch (CertificateException e) {
      if (engine == null || objection(List.of(chain), Endpoint.SERVER).isPresent()) {
        throw new Distrust(text(e), e);
      }
      // As a certificate it is good, but not for this host.
      throw new Distrust("Certificate does not match the hostname " + engine.getPeerHost(), e);
    }
  }

  @Override
  public void checkClientTrusted(
      X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    try {
      pkix.checkClientTrusted(chain, authType, engine);
    } catch (CertificateException e) {
      throw new Distrust(text(e), e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    checkServerTrusted(chain, authType, (SSLEngine) null);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    checkClientTrusted(chain, authType, (SSLEngine) null);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
    throw new UnsupportedOperationException("engines only");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
    throw new UnsupportedOperationException("engines only");
  }

  /**
   * Not told to clients. GnuTLS 3.7 looks among what it has for an issuer that is on such a list,
   * but in TLS 1.3 does not find certificates with RSA keys, unless a server also takes signatures
   * that 1.3 has done away with; without a list it shows what it has.
   */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return NONE.clone();
  }

  /** For {@code verify-peer=no}. */
  private static final class Blind extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return NONE.clone();
    }
  }
}
