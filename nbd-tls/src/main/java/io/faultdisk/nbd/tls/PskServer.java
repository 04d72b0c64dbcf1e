package io.faultdisk.nbd.tls;

import io.faultdisk.base.UsageException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Vector;
import org.bouncycastle.tls.BasicTlsPSKExternal;
import org.bouncycastle.tls.PSKTlsServer;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.PskIdentity;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsPSKExternal;
import org.bouncycastle.tls.TlsPSKIdentityManager;
import org.jspecify.annotations.Nullable;

/** A server's side of one handshake with a pre-shared key: looks the client's user up. */
final class PskServer extends PSKTlsServer {
  private final PskFile file;
  private final TlsVersions versions;

  PskServer(PskFile file, TlsVersions versions) {
    super(PskSuites.crypto(), new Users(file));
    this.file = file;
    this.versions = versions;
  }

  /** In TLS 1.2. */
  private record Users(PskFile file) implements TlsPSKIdentityManager {
    @Override
    public byte @Nullable [] getHint() {
      return null;
    }

    @Override
    public byte @Nullable [] getPSK(byte[] identity) {
      return key(file, identity).orElse(null);
    }
  }

  private static Optional<byte[]> key(PskFile file, byte[] identity) {
    try {
      return file.keyOf(new String(identity, StandardCharsets.UTF_8));
    } catch (UsageException e) {
      return Optional.empty(); // a line that is not a key is as good as none
    }
  }

  /** In TLS 1.3. */
  @Override
  @SuppressWarnings("rawtypes") // the library is older than generics
  public @Nullable TlsPSKExternal getExternalPSK(Vector identities) {
    for (Object each : identities) {
      byte[] identity = ((PskIdentity) each).getIdentity();
      Optional<byte[]> key = key(file, identity);
      if (key.isPresent()) {
        return new BasicTlsPSKExternal(identity, getCrypto().createSecret(key.get()));
      }
    }
    return null;
  }

  @Override
  public @Nullable TlsCredentials getCredentials() {
    return null; // no certificates
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
