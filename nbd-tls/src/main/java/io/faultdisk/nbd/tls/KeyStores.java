package io.faultdisk.nbd.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.X509Certificate;

/** Key stores in memory, which is what the JDK takes keys and certificates from. Stateless. */
final class KeyStores {
  /** A store in memory is not written, so anything will do. */
  static final char[] PASSWORD = {};

  private KeyStores() {}

  static KeyStore empty() throws GeneralSecurityException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      return store;
    } catch (IOException e) {
      throw new KeyStoreException(e);
    }
  }

  static KeyStore of(CertificateFiles.Own own) throws GeneralSecurityException {
    KeyStore store = empty();
    store.setKeyEntry("own", own.key(), PASSWORD, own.chain().toArray(new X509Certificate[0]));
    return store;
  }
}
