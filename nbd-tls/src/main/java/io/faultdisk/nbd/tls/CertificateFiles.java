package io.faultdisk.nbd.tls;

import io.faultdisk.base.UsageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the files of a directory with certificates hold. Immutable.
 *
 * <p>Source: names of files and messages are those of QEMU 7.2.
 *
 * @param authorities whom to trust; empty: whom the JDK trusts
 * @param revoked lists of certificates that are not to be trusted any more
 * @param own what to show to the other end, if anything
 */
record CertificateFiles(
    List<X509Certificate> authorities, List<X509CRL> revoked, Optional<Own> own) {

  /**
   * A certificate of one's own.
   *
   * @param name of its file, for messages
   * @param chain it, and those that lead from it to an authority
   */
  record Own(String name, List<X509Certificate> chain, PrivateKey key) {}

  CertificateFiles {
    authorities = List.copyOf(authorities);
    revoked = List.copyOf(revoked);
  }

  static CertificateFiles read(X509Settings settings) throws UsageException {
    if (settings.directory().isEmpty()) {
      return new CertificateFiles(List.of(), List.of(), Optional.empty());
    }
    Directory directory = new Directory(settings.directory().get(), settings.name());
    String role = settings.endpoint().text();
    String ca = "ca-cert.pem";
    directory.require(ca);
    boolean server = settings.endpoint() == Endpoint.SERVER;
    if (server) {
      directory.require(role + "-cert.pem");
      directory.require(role + "-key.pem");
    }
    List<X509Certificate> authorities =
        directory.certificates(
            ca, "Unable to import CA certificate list " + directory.name(ca), "");
    List<X509CRL> revoked =
        directory.has("ca-crl.pem") ? directory.revoked("ca-crl.pem") : List.of();
    boolean shows =
        server || (directory.has(role + "-cert.pem") && directory.has(role + "-key.pem"));
    return new CertificateFiles(
        authorities,
        revoked,
        shows ? Optional.of(own(directory, role, settings)) : Optional.empty());
  }

  private static Own own(Directory directory, String role, X509Settings settings)
      throws UsageException {
    String certificate = role + "-cert.pem";
    String key = role + "-key.pem";
    List<X509Certificate> chain =
        directory.certificates(
            certificate,
            "Unable to import " + role + " certificate " + directory.name(certificate),
            ": Base64 unexpected header error.");
    String failure =
        "Cannot load certificate '%s' & key '%s': "
            .formatted(directory.name(certificate), directory.name(key));
    try {
      PrivateKey secret = PrivateKeys.of(directory.read(key), settings.password());
      if (!fits(chain.get(0), secret)) {
        throw new UsageException(failure + "The certificate and the given key do not match.");
      }
      return new Own(directory.name(certificate), chain, secret);
    } catch (PrivateKeys.Unusable | PemFile.Malformed e) {
      throw new UsageException(failure + e.getMessage());
    } catch (IOException e) {
      throw new UsageException(failure + FileProblem.text(e));
    }
  }

  /** Whether what one signs the other verifies. */
  private static boolean fits(X509Certificate certificate, PrivateKey key) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case "DSA" -> "SHA256withDSA";
          default -> key.getAlgorithm();
        };
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false; // it is for another algorithm
    }
  }

  /** The files, by the names that QEMU gives them. */
  private record Directory(Path path, String spelled) {
    String name(String file) {
      return spelled + "/" + file;
    }

    boolean has(String file) {
      return Files.exists(path.resolve(file));
    }

    void require(String file) throws UsageException {
      if (!has(file)) {
        throw new UsageException(
            "Unable to access credentials " + name(file) + ": No such file or directory");
      }
    }

    PemFile read(String file) throws IOException, PemFile.Malformed {
      return PemFile.read(path.resolve(file));
    }

    List<X509Certificate> certificates(String file, String failure, String ifNone)
        throws UsageException {
      try {
        List<X509Certificate> all = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (PemFile.Block block : read(file).blocks()) {
          if (block.label().endsWith("CERTIFICATE")) {
            all.add(
                (X509Certificate)
                    factory.generateCertificate(new ByteArrayInputStream(block.bytes())));
          }
        }
        if (!all.isEmpty()) {
          return all;
        }
      } catch (PemFile.Malformed e) {
        throw new UsageException(failure + ": " + e.getMessage());
      } catch (IOException e) {
        throw new UsageException(failure + ": " + FileProblem.text(e));
      } catch (CertificateException e) {
        throw new UsageException(failure + ": ASN1 parser: Error in DER parsing.");
      }
      throw new UsageException(failure + ifNone);
    }

    List<X509CRL> revoked(String file) throws UsageException {
      String failure = "Unable to import CA certificate revocation list " + name(file) + ": ";
      try {
        List<X509CRL> all = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (PemFile.Block block : read(file).labelled("X509 CRL")) {
          all.add((X509CRL) factory.generateCRL(new ByteArrayInputStream(block.bytes())));
        }
        return all;
      } catch (PemFile.Malformed e) {
        throw new UsageException(failure + e.getMessage());
      } catch (IOException e) {
        throw new UsageException(failure + FileProblem.text(e));
      } catch (CertificateException | CRLException e) {
        throw new UsageException(failure + "ASN1 parser: Error in DER parsing.");
      }
    }
  }
}
