package io.faultdisk.block;

import java.util.function.Consumer;

/** Where drivers and the graph tell the user what is no error of a request: a tool's stderr. */
public interface Messages {
  /** Lines as they are; there may be several, separated by line breaks. */
  void lines(String text);

  /**
   * A text without a line break at its end: what is said next goes on in the same line, as after
   * one of QEMU's hints.
   */
  default void unended(String text) {
    lines(text);
  }

  /**
   * Something that the user expected has not happened: a text that the tool puts its name before.
   * The tool fails in the end, whatever else it does.
   */
  default void unmet(String text) {
    report(text);
  }

  /** A text that the tool puts its name before. */
  void report(String text);

  /** The same place for all of them: for a program that does not tell kinds of messages apart. */
  static Messages to(Consumer<String> place) {
    return new Messages() {
      @Override
      public void lines(String text) {
        place.accept(text);
      }

      @Override
      public void report(String text) {
        place.accept(text);
      }
    };
  }
}
