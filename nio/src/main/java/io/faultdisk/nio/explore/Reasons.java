package io.faultdisk.nio.explore;

/** What a test has thrown, as reports say it: the same text in every run. */
final class Reasons {
  private static final int FRAMES_MAX = 5;

  private Reasons() {}

  /**
   * The message.
   *
   * @param withPlace whether to say where it was thrown
   */
  static String of(Throwable thrown, boolean withPlace) {
    String message = thrown.getMessage();
    StringBuilder text =
        new StringBuilder(
            thrown instanceof AssertionError && message != null && !message.isBlank()
                ? message.strip()
                : thrown.toString());
    Throwable cause = thrown.getCause();
    if (cause != null && !text.toString().contains(String.valueOf(cause.getMessage()))) {
      text.append(": ").append(cause);
    }
    StackTraceElement[] frames = thrown.getStackTrace();
    for (int i = 0; withPlace && i < Math.min(FRAMES_MAX, frames.length); i++) {
      text.append("\n  at ").append(frames[i]);
    }
    return text.toString();
  }
}
