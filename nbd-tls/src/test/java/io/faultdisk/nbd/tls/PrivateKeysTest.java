package io.faultdisk.nbd.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.testkit.Certificates;
import io.faultdisk.testkit.RandomCases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateKeysTest {
  @TempDir Path directory;

  private static PrivateKey newKey(String algorithm) throws Exception {
    return KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPrivate();
  }

  private PrivateKey read(String label, byte[] der, String... password) throws Exception {
    Path file = directory.resolve("key.pem");
    Certificates.writePem(file, label, der);
    return PrivateKeys.of(
        PemFile.parse("for people\n" + Files.readString(file)),
        Arrays.stream(password).findFirst());
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void plain(String algorithm) throws Exception {
    PrivateKey key = newKey(algorithm);
    assertThat(read("PRIVATE KEY", key.getEncoded())).isEqualTo(key);
  }

  /** What is in a PKCS#8 key, whose header has 26 bytes. */
  @Test
  void pkcs1() throws Exception {
    PrivateKey key = newKey("RSA");
    byte[] encoded = key.getEncoded();
    assertThat(read("RSA PRIVATE KEY", Arrays.copyOfRange(encoded, 26, encoded.length)))
        .isEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PBEWithHmacSHA256AndAES_256", "PBEWithSHA1AndDESede"})
  void encrypted(String algorithm) throws Exception {
    PrivateKey key = newKey("EC");
    SecretKey secret =
        SecretKeyFactory.getInstance(algorithm)
            .generateSecret(new PBEKeySpec("pass".toCharArray()));
    Cipher cipher = Cipher.getInstance(algorithm);
    cipher.init(Cipher.ENCRYPT_MODE, secret, new PBEParameterSpec(new byte[8], 1000));
    byte[] bytes = cipher.doFinal(key.getEncoded());
    AlgorithmParameters parameters = cipher.getParameters();
    if (algorithm.contains("AES")) {
      // The name that there is a number for.
      byte[] encoded = parameters.getEncoded();
      parameters = AlgorithmParameters.getInstance("PBES2");
      parameters.init(encoded);
    }
    byte[] der = new EncryptedPrivateKeyInfo(parameters, bytes).getEncoded();
    String label = "ENCRYPTED PRIVATE KEY";
    assertThat(read(label, der, "pass")).isEqualTo(key);
    assertThatThrownBy(() -> read(label, der, "wrong")).hasMessage("Decryption has failed.");
    assertThatThrownBy(() -> read(label, der)).hasMessage("Decryption has failed.");
  }

  /** Made by {@code openssl ecparam -name prime256v1 -genkey -noout}. */
  @Test
  void sec1() throws Exception {
    String text =
        """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEINe8whYRaXZm2Y28OBwSsmyvAKT3o0oRKdo328R/WOqroAoGCCqGSM49
        AwEHoUQDQgAEtNIuB/uJk7PQIME5SrKDwoM876bo6bEIjqQO8RBBcTTwMNuVtpxH
        xaxEkJ9XdJ/uOQxlXWk7iRGlO5inzOjXTQ==
        -----END EC PRIVATE KEY-----
        """;
    assertThat(PrivateKeys.of(PemFile.parse(text), Optional.empty()).getAlgorithm())
        .isEqualTo("EC");
  }

  @Test
  void mutatedKeysAreRefusedInOrder() throws Exception {
    List<byte[]> keys = List.of(newKey("RSA").getEncoded(), newKey("EC").getEncoded());
    List<String> labels =
        List.of("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    RandomCases.run(
        "a mutated key",
        300,
        random -> {
          byte[] der = keys.get(random.nextInt(keys.size())).clone();
          for (int i = random.nextInt(4); i >= 0; i--) {
            der[random.nextInt(Math.min(der.length, 60))] = (byte) random.nextInt();
          }
          byte[] some = Arrays.copyOf(der, random.nextInt(der.length + 1));
          try {
            PrivateKey unused = read(labels.get(random.nextInt(labels.size())), some, "pass");
          } catch (PrivateKeys.Unusable e) {
            assertThat(e).hasMessageNotContaining("Exception");
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }
}
