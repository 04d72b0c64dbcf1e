package io.faultdisk.nio;

import java.net.URI;
import java.util.Locale;

/** {@code faultdisk:} and the URI of what is wrapped: {@code faultdisk:file:///tmp/log}. */
final class FaultUris {
  static final String SCHEME = "faultdisk";

  private FaultUris() {}

  static URI outer(URI inner) {
    return URI.create(SCHEME + ":" + inner);
  }

  static URI inner(URI outer) {
    String text = outer.toString();
    if (!text.toLowerCase(Locale.ROOT).startsWith(SCHEME + ":")) {
      throw new IllegalArgumentException("URI scheme is not '" + SCHEME + "'");
    }
    URI inner;
    try {
      inner = URI.create(text.substring(SCHEME.length() + 1));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          outer + " names no file system to wrap: write " + SCHEME + ":file:///", e);
    }
    if (inner.getScheme() == null) {
      throw new IllegalArgumentException(
          outer + " names no file system to wrap: write " + SCHEME + ":file:///");
    }
    return inner;
  }
}
