package io.faultdisk.nbd.tls;

import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/**
 * Certificates. The files are read once, when these are made.
 *
 * <p>A client checks that the server's certificate leads to one of the authorities and is for the
 * host that it wanted; a server that its clients' lead there. Not so without {@link
 * X509Settings#verifyPeer}; then a server does not ask for certificates either.
 */
public final class X509Credentials implements TlsCredentials {
  private final X509Settings settings;
  private final SSLContext context;

  private X509Credentials(X509Settings settings, SSLContext context) {
    this.settings = settings;
    this.context = context;
  }

  /**
   * Reads and checks the files.
   *
   * @throws UsageException naming the file with which something is wrong
   */
  public static X509Credentials load(X509Settings settings) throws UsageException {
    CertificateFiles files = CertificateFiles.read(settings);
    try {
      CertificateTrust trust = CertificateTrust.of(files);
      if (settings.sanityCheck()) {
        OwnCertificateCheck.check(settings, files, trust);
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          keys(files),
          new TrustManager[] {settings.verifyPeer() ? trust : CertificateTrust.blind()},
          null);
      return new X509Credentials(settings, context);
    } catch (GeneralSecurityException e) {
      throw new UsageException(
          "The certificates in "
              + settings.name()
              + " are of no use to this Java: "
              + e.getMessage());
    }
  }

  private static KeyManager[] keys(CertificateFiles files) throws GeneralSecurityException {
    if (files.own().isEmpty()) {
      return new KeyManager[0];
    }
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(KeyStores.of(files.own().get()), KeyStores.PASSWORD);
    return factory.getKeyManagers();
  }

  @Override
  public Endpoint endpoint() {
    return settings.endpoint();
  }

  @Override
  public Transport accept(Transport plain, Predicate<String> allowed) throws IOException {
    if (endpoint() != Endpoint.SERVER) {
      throw new IllegalStateException("these are for clients");
    }
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    engine.setSSLParameters(serverParameters());
    EngineTransport encrypted = new EngineTransport(plain, engine);
    encrypted.shakeHands();
    if (settings.verifyPeer()) {
      String name = encrypted.peerName();
      if (!allowed.test(name)) {
        encrypted.stopSending();
        throw new TlsException("TLS x509 authz check for " + name + " is denied");
      }
    }
    return encrypted;
  }

  @Override
  public Transport connect(Transport plain, Optional<String> hostname) throws IOException {
    if (endpoint() != Endpoint.CLIENT) {
      throw new IllegalStateException("these are for servers");
    }
    if (settings.verifyPeer() && hostname.isEmpty()) {
      throw new TlsException("No hostname for certificate validation");
    }
    // The port is a part of the key for what is remembered of earlier sessions, and nothing else.
    SSLEngine engine =
        hostname.isPresent()
            ? context.createSSLEngine(hostname.get(), 0)
            : context.createSSLEngine();
    engine.setUseClientMode(true);
    SSLParameters parameters = parameters(engine);
    if (settings.verifyPeer()) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    engine.setSSLParameters(parameters);
    EngineTransport encrypted = new EngineTransport(plain, engine);
    encrypted.shakeHands();
    return encrypted;
  }

  /** For a server of another protocol, which has {@link #serverParameters} set on its engines. */
  public SSLContext context() {
    return context;
  }

  /** Which versions of TLS a server takes, and whether it wants to see certificates. */
  public SSLParameters serverParameters() {
    SSLParameters parameters = context.getDefaultSSLParameters();
    parameters.setProtocols(settings.versions().names());
    parameters.setNeedClientAuth(settings.verifyPeer());
    return parameters;
  }

  private SSLParameters parameters(SSLEngine engine) {
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(settings.versions().names());
    return parameters;
  }
}
