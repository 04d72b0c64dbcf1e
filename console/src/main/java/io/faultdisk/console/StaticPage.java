package io.faultdisk.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/**
 * The files of the page in the browser, which are resources of this module. They are the same for
 * everybody and show nothing, so they need no token. Stateless.
 */
final class StaticPage {
  /** Only what is ours may load, run or be sent to. */
  static final String POLICY =
      "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
          + " form-action 'none'; frame-ancestors 'none'";

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "ico", "image/x-icon",
          "woff2", "font/woff2");

  private StaticPage() {}

  /** The file at that path, which is one name: there is no way out of the folder. */
  static Optional<Answer> find(String path) {
    String name = path.equals("/") ? "index.html" : path.substring(1);
    if (!name.matches("[a-z0-9][a-z0-9-]*(\\.[a-z0-9-]+)+")) {
      return Optional.empty();
    }
    String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
    if (type == null) {
      return Optional.empty();
    }
    try (InputStream file = StaticPage.class.getResourceAsStream("page/" + name)) {
      return file == null
          ? Optional.empty()
          : Optional.of(
              Answer.of(200, type, file.readAllBytes()).with("Content-Security-Policy", POLICY));
    } catch (IOException e) {
      throw new UncheckedIOException("resource " + name, e);
    }
  }
}
