package io.faultdisk.nbd.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * Reads the private key of a PEM file: {@code PRIVATE KEY} and {@code ENCRYPTED PRIVATE KEY}
 * (PKCS#8), {@code RSA PRIVATE KEY} (PKCS#1) and {@code EC PRIVATE KEY} (SEC 1). Stateless.
 */
final class PrivateKeys {
  private static final byte[] RSA_ALGORITHM = hex("300d06092a864886f70d0101010500");
  private static final byte[] EC_OBJECT_ID = hex("06072a8648ce3d0201");
  private static final byte[] VERSION_0 = hex("020100");

  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;

  /** In SEC 1, the parameters' context tag. */
  private static final int EC_PARAMETERS = 0xa0;

  private PrivateKeys() {}

  /** Why there is no key; the message is part of one. */
  static final class Unusable extends Exception {
    private static final long serialVersionUID = 1L;

    Unusable(String message) {
      super(message, null, false, false);
    }
  }

  static PrivateKey of(PemFile file, Optional<String> password) throws Unusable {
    for (PemFile.Block block : file.blocks()) {
      if (block.label().endsWith("PRIVATE KEY")) {
        if (block.encrypted()) {
          throw new Unusable(
              "its encryption is of the oldest kind; 'openssl pkcs8 -topk8' changes that");
        }
        return read(block, password);
      }
    }
    throw new Unusable("Base64 unexpected header error.");
  }

  private static PrivateKey read(PemFile.Block block, Optional<String> password) throws Unusable {
    return switch (block.label()) {
      case "PRIVATE KEY" -> fromPkcs8(block.bytes());
      case "RSA PRIVATE KEY" -> fromPkcs8(pkcs8(RSA_ALGORITHM, block.bytes()));
      case "EC PRIVATE KEY" -> fromPkcs8(pkcs8(ecAlgorithm(block.bytes()), block.bytes()));
      case "ENCRYPTED PRIVATE KEY" -> fromPkcs8(decrypted(block.bytes(), password));
      default -> throw new Unusable("a key of an unknown kind, '" + block.label() + "'");
    };
  }

  private static byte[] decrypted(byte[] encrypted, Optional<String> password) throws Unusable {
    if (password.isEmpty()) {
      throw new Unusable("Decryption has failed.");
    }
    try {
      EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(encrypted);
      // For PBES2 only the parameters know which algorithms there are.
      String algorithm =
          info.getAlgName().startsWith("PBEWith")
              ? info.getAlgName()
              : info.getAlgParameters().toString();
      Key key =
          SecretKeyFactory.getInstance(algorithm)
              .generateSecret(new PBEKeySpec(password.get().toCharArray()));
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(Cipher.DECRYPT_MODE, key, info.getAlgParameters());
      return info.getKeySpec(cipher).getEncoded();
    } catch (IOException | GeneralSecurityException e) {
      throw new Unusable("Decryption has failed.");
    }
  }

  private static PrivateKey fromPkcs8(byte[] der) throws Unusable {
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(der);
    for (String algorithm : List.of("RSA", "EC", "EdDSA", "DSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        // Another algorithm's.
      } catch (GeneralSecurityException e) {
        throw new Unusable(algorithm + " keys are not supported by this Java");
      }
    }
    throw new Unusable("ASN1 parser: Error in DER parsing.");
  }

  private static byte[] pkcs8(byte[] algorithm, byte[] key) {
    return tagged(SEQUENCE, VERSION_0, algorithm, tagged(OCTET_STRING, key));
  }

  /** The curve stands in the key's optional parameters. */
  private static byte[] ecAlgorithm(byte[] sec1) throws Unusable {
    int at = 0;
    for (int i = 0; i < 2 && at < sec1.length; i++) {
      at += 1 + lengthBytes(sec1, at + 1); // into the sequence; to the content of the version
    }
    at += 1;
    if (at < sec1.length && sec1[at] == OCTET_STRING) {
      at += 1 + lengthBytes(sec1, at + 1) + (sec1[at + 1] & 0xff);
    }
    if (at + 2 > sec1.length || (sec1[at] & 0xff) != EC_PARAMETERS) {
      throw new Unusable("the key does not say which curve it is for");
    }
    int from = at + 2;
    int bytes = sec1[at + 1];
    if (bytes < 0 || from + bytes > sec1.length) {
      throw new Unusable("ASN1 parser: Error in DER parsing.");
    }
    byte[] curve = new byte[bytes];
    System.arraycopy(sec1, from, curve, 0, bytes);
    return tagged(SEQUENCE, EC_OBJECT_ID, curve);
  }

  private static int lengthBytes(byte[] der, int at) {
    return at < der.length && der[at] < 0 ? 1 + (der[at] & 0x7f) : 1;
  }

  private static byte[] tagged(int tag, byte[]... parts) {
    int bytes = 0;
    for (byte[] part : parts) {
      bytes += part.length;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (bytes >= 0x100) {
      out.write(0x82);
      out.write(bytes >> 8);
    } else if (bytes >= 0x80) {
      out.write(0x81);
    }
    out.write(bytes);
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }
}
