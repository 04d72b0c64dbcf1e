package io.faultdisk.nbd.tls;

import io.faultdisk.base.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The versions of TLS that an end is ready to speak; older ones than 1.2 are never spoken.
 *
 * <p>Given as a priority string of GnuTLS, of which only the part about versions is known: {@code
 * NORMAL:-VERS-TLS1.3}, {@code NORMAL:-VERS-ALL:+VERS-TLS1.2}, ... Immutable.
 */
public record TlsVersions(boolean tls12, boolean tls13) {
  public static final TlsVersions ALL = new TlsVersions(true, true);

  private static final Set<String> KEYWORDS =
      Set.of("NORMAL", "@SYSTEM", "PERFORMANCE", "PFS", "SECURE128", "SECURE192", "SECURE256");

  public TlsVersions {
    if (!tls12 && !tls13) {
      throw new IllegalArgumentException("no version of TLS");
    }
  }

  /**
   * Reads a priority string.
   *
   * @throws UsageException if it says what we do not know, or leaves no version
   */
  public static TlsVersions parse(String priority) throws UsageException {
    boolean tls12 = true;
    boolean tls13 = true;
    for (String word : priority.split("[:,]")) {
      String upper = word.toUpperCase(java.util.Locale.ROOT);
      boolean on = !upper.startsWith("-") && !upper.startsWith("!");
      String what = upper.isEmpty() ? "" : upper.substring(1);
      if (KEYWORDS.contains(upper)) {
        continue;
      }
      switch (what) {
        case "VERS-ALL", "VERS-TLS-ALL" -> {
          tls12 = on;
          tls13 = on;
        }
        case "VERS-TLS1.2" -> tls12 = on;
        case "VERS-TLS1.3" -> tls13 = on;
        case "VERS-TLS1.0", "VERS-TLS1.1", "VERS-SSL3.0" -> {} // never spoken
        default ->
            throw new UsageException(
                "priority '%s': '%s' is not supported; only NORMAL and versions are, such as %s"
                    .formatted(priority, word, "NORMAL:-VERS-TLS1.3"));
      }
    }
    if (!tls12 && !tls13) {
      throw new UsageException("priority '" + priority + "' leaves neither TLS 1.2 nor TLS 1.3");
    }
    return new TlsVersions(tls12, tls13);
  }

  /** The JDK's names of them. */
  String[] names() {
    List<String> names = new ArrayList<>();
    if (tls13) {
      names.add("TLSv1.3");
    }
    if (tls12) {
      names.add("TLSv1.2");
    }
    return names.toArray(new String[0]);
  }
}
