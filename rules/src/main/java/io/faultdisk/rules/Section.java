package io.faultdisk.rules;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One section of a rule file, or the dotted options of one rule: keys and values not yet looked at.
 * For one thread.
 *
 * <p>The key {@code id} is the section's id, wherever it came from.
 */
final class Section {
  static final String ID = "id";

  final Source source;

  /** In order of first appearance; the keys are {@link ByteText}, the values are not. */
  final Map<String, Entry> entries = new LinkedHashMap<>();

  Section(Source source) {
    this.source = source;
  }

  /**
   * A value and where it stands.
   *
   * @param value the text between the quotes; empty if the line had no quoted text
   * @param line the line in the file, 0 for dotted options
   * @param unquoted what stood where the quotes should be; such a value does not count
   */
  record Entry(String value, int line, Optional<String> unquoted) {
    static Entry option(String value) {
      return new Entry(value, 0, Optional.empty());
    }
  }

  Optional<String> id() {
    Entry entry = entries.get(ID);
    return entry == null ? Optional.empty() : Optional.of(entry.value());
  }

  /** Its line in the file; dotted options come after all of them, in the order of their kinds. */
  int place() {
    return source.file().isEmpty() ? Integer.MAX_VALUE : source.line();
  }

  /** Where to point for a key. */
  Source placeOf(String key) {
    Entry entry = entries.get(key);
    return entry == null || entry.line() == 0 || source.file().isEmpty()
        ? source
        : Source.file(source.file(), entry.line(), source.section());
  }
}
