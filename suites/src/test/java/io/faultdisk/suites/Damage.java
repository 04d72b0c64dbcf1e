package io.faultdisk.suites;

import org.jspecify.annotations.Nullable;

/**
 * Thrown by {@link Subject#recover} if the content is there and can be read, but something else is
 * not as it should be.
 */
public final class Damage extends Exception {
  private final Object content;

  /**
   * Damage.
   *
   * @param content what is there
   * @param message what is wrong with it, to be counted
   * @param cause what was thrown, or null
   */
  public Damage(Object content, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.content = content;
  }

  Object content() {
    return content;
  }
}
