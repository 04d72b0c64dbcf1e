package io.faultdisk.rules;

import io.faultdisk.base.UsageException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A section whose keys are known and whose values have their types; names of events and request
 * types are not looked at yet. For one thread.
 */
final class RuleOptions {
  final RuleSchema schema;
  final Section section;

  private final Map<String, Long> numbers = new HashMap<>();
  private final Map<String, Boolean> bools = new HashMap<>();

  RuleOptions(RuleSchema schema, Section section) {
    this.schema = schema;
    this.section = section;
  }

  /** Reads the value of a key that the schema has. */
  void read(String key, Section.Entry entry, Complaints complaints) throws UsageException {
    RuleSchema.Type type = schema.keys.get(key);
    if (type == null) {
      throw complaints.invalidParameter(this, key);
    }
    switch (type) {
      case STRING -> {
        // Any text will do for now.
      }
      case NUMBER -> {
        NumberText number = NumberText.parse(entry.value());
        switch (number.kind()) {
          case OK -> numbers.put(key, number.value());
          case NOT_A_NUMBER -> throw complaints.notANumber(this, key, entry);
          case TOO_LARGE -> throw complaints.numberTooLarge(this, key, entry);
        }
      }
      case BOOL -> bools.put(key, bool(key, entry, complaints));
    }
  }

  private boolean bool(String key, Section.Entry entry, Complaints complaints)
      throws UsageException {
    return switch (entry.value()) {
      case "on", "yes", "true", "y" -> true;
      case "off", "no", "false", "n" -> false;
      default -> throw complaints.notABool(this, key, entry);
    };
  }

  Optional<Section.Entry> text(String key) {
    return Optional.ofNullable(section.entries.get(key));
  }

  Optional<Long> number(String key) {
    return Optional.ofNullable(numbers.get(key));
  }

  /** A number of which QEMU keeps 32 bits. */
  int number32(String key, int otherwise) {
    Long number = numbers.get(key);
    return number == null ? otherwise : number.intValue();
  }

  boolean bool(String key) {
    return bools.getOrDefault(key, false);
  }
}
