package io.faultdisk.block;

/** Where drivers and the graph tell the user what is no error of a request: a tool's stderr. */
public interface Messages {
  /** Lines as they are; there may be several, separated by line breaks. */
  void lines(String text);

  /** A text that the tool puts its name before. */
  void report(String text);
}
