package io.faultdisk.base;

/**
 * Names that users choose for what they make: objects, exports, jobs, nodes. A letter, then
 * letters, digits and {@code - . _}. Stateless.
 */
public final class Identifier {
  private Identifier() {}

  /** Whether it can be one. */
  public static boolean isWellFormed(String text) {
    if (text.isEmpty() || !isLetter(text.charAt(0))) {
      return false;
    }
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isLetter(c) && !(c >= '0' && c <= '9') && "-._".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Refuses what cannot be one.
   *
   * @param parameter what it was given as
   * @throws UsageException with QEMU's text
   */
  public static void require(String parameter, String text) throws UsageException {
    if (!isWellFormed(text)) {
      throw new UsageException(
          "Parameter '" + parameter + "' expects an identifier",
          "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.");
    }
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
