package io.faultdisk.nbd.tls;

import io.faultdisk.base.UsageException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * Looks at one's own certificates before anybody else has to complain about them. Stateless.
 *
 * <p>Source: checks and messages are those of QEMU 7.2, without those of key usages.
 */
final class OwnCertificateCheck {
  private static final String BASIC_CONSTRAINTS = "2.5.29.19";

  private OwnCertificateCheck() {}

  static void check(X509Settings settings, CertificateFiles files, CertificateTrust trust)
      throws UsageException {
    String ca = settings.name() + "/ca-cert.pem";
    for (X509Certificate authority : files.authorities()) {
      checkTime("CA", ca, authority);
      if (authority.getExtensionValue(BASIC_CONSTRAINTS) == null) {
        throw new UsageException(
            "The certificate " + ca + " is missing basic constraints for a CA");
      }
      if (authority.getBasicConstraints() < 0) {
        throw new UsageException("The certificate " + ca + " basic constraints do not show a CA");
      }
    }
    if (files.own().isEmpty()) {
      return;
    }
    CertificateFiles.Own own = files.own().get();
    List<X509Certificate> chain = own.chain();
    String role = settings.endpoint().text();
    checkTime(role, own.name(), chain.get(0));
    if (chain.get(0).getBasicConstraints() >= 0) {
      throw new UsageException(
          "The certificate %s basic constraints show a CA, but we need one for a %s"
              .formatted(own.name(), role));
    }
    Optional<String> objection = trust.objection(chain, settings.endpoint());
    if (objection.isPresent()) {
      throw new UsageException(
          "Our own certificate %s failed validation against %s: %s"
              .formatted(own.name(), ca, objection.get()));
    }
  }

  private static void checkTime(String role, String file, X509Certificate certificate)
      throws UsageException {
    try {
      certificate.checkValidity();
    } catch (CertificateExpiredException e) {
      throw new UsageException("The %s certificate %s has expired".formatted(role, file));
    } catch (CertificateNotYetValidException e) {
      throw new UsageException("The %s certificate %s is not yet active".formatted(role, file));
    }
  }
}
