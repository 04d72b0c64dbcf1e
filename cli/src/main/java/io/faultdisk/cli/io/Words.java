package io.faultdisk.cli.io;

import java.util.ArrayList;
import java.util.List;

/**
 * A command line cut into words.
 *
 * <p>Only spaces separate: there are no quotes and no escapes, and a tab is a character like any
 * other.
 *
 * @param command the first word, as typed
 * @param arguments the others
 */
record Words(String command, List<String> arguments) {

  /** Cuts a line; empty if there is no word in it. */
  static List<String> cut(String line) {
    List<String> words = new ArrayList<>();
    int from = 0;
    while (from <= line.length()) {
      int space = line.indexOf(' ', from);
      int end = space < 0 ? line.length() : space;
      if (end > from) {
        words.add(line.substring(from, end));
      }
      from = end + 1;
    }
    return words;
  }

  /** The n-th argument, from 0. */
  String argument(int index) {
    return arguments.get(index);
  }
}
