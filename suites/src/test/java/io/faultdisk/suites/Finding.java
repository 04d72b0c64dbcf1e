package io.faultdisk.suites;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What was found in a directory.
 *
 * @param content what the system says is there; meaningless after a failure other than {@link
 *     Damage}
 * @param failure why it could not be opened, or null
 */
record Finding(Object content, @Nullable Throwable failure) {
  private static final int FRAMES_MAX = 25;

  static Finding of(Object content) {
    return new Finding(content, null);
  }

  static Finding failed(Throwable failure) {
    return new Finding(failure instanceof Damage damage ? damage.content() : "", failure);
  }

  /** What damage was found, for counting; empty if none. */
  String damage() {
    return failure instanceof Damage ? ": " + failure.getMessage() : "";
  }

  /** For people; content that is not to be printed is not. */
  @Override
  public String toString() {
    return words().replaceAll("[^\\n -~]", "?");
  }

  private String words() {
    if (failure == null) {
      return "found " + Report.brief(content);
    }
    StringBuilder text = new StringBuilder("failed with ").append(failure);
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      text.append("\n    caused by ").append(cause);
    }
    Arrays.stream(root(failure).getStackTrace())
        .filter(element -> !element.getClassName().startsWith("io.faultdisk."))
        .limit(FRAMES_MAX)
        .forEach(element -> text.append("\n      at ").append(element));
    return text.toString();
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
