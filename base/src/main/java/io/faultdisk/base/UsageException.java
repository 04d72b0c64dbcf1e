package io.faultdisk.base;

import java.util.List;
import java.util.Objects;

/**
 * A user's mistake: a bad option, rule or argument.
 *
 * <p>{@link #getMessage()} is the exact text a tool prints after its own prefix ({@code qemu-io:
 * can't open: }...), where QEMU has a text for the mistake the same one. {@link #hints()} are
 * further lines that are printed below it without the prefix. Programs must not decide anything by
 * these texts.
 *
 * <p>Not for I/O errors (those have an {@link Errno}) and not for broken invariants.
 */
public class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  // A String[] rather than a List: exceptions are Serializable.
  private final String[] hints;

  /**
   * Creates an exception.
   *
   * @param message what is wrong, without program name, without final line break
   * @param hints lines that say what to do instead; may be none
   */
  public UsageException(String message, String... hints) {
    super(message);
    this.hints = hints.clone();
  }

  /** What is wrong; never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** The lines to print below the message; empty if there are none. */
  public List<String> hints() {
    return List.of(hints);
  }
}
