package io.faultdisk.nbd.tls;

import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.BasicTlsPSKExternal;
import org.bouncycastle.tls.PSKTlsClient;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsFatalAlert;

/** A client's side of one handshake with a pre-shared key. */
final class PskClient extends PSKTlsClient {
  private final byte[] user;
  private final byte[] key;
  private final TlsVersions versions;

  PskClient(byte[] user, byte[] key, TlsVersions versions) {
    super(PskSuites.crypto(), user, key);
    this.user = user;
    this.key = key;
    this.versions = versions;
  }

  /** In TLS 1.3. */
  @Override
  @SuppressWarnings({"rawtypes", "JdkObsolete"}) // the library is older than generics
  public Vector getExternalPSKs() {
    return new Vector<>(List.of(new BasicTlsPSKExternal(user, getCrypto().createSecret(key))));
  }

  @Override
  public TlsAuthentication getAuthentication() throws TlsFatalAlert {
    throw new TlsFatalAlert(
        AlertDescription.handshake_failure, "the server shows a certificate and takes no key");
  }

  @Override
  protected ProtocolVersion[] getSupportedVersions() {
    return PskSuites.versions(versions);
  }

  @Override
  protected int[] getSupportedCipherSuites() {
    return PskSuites.of(getCrypto());
  }

  @Override
  public boolean requiresCloseNotify() {
    return false;
  }
}
