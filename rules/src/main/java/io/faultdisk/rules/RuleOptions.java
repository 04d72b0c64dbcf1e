package io.faultdisk.rules;

import io.faultdisk.base.Errno;
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

  private final Map<String, RuleSchema.Type> keys;
  private final Map<String, Long> numbers = new HashMap<>();
  private final Map<String, Double> percents = new HashMap<>();
  private final Map<String, Boolean> bools = new HashMap<>();

  RuleOptions(RuleSchema schema, Section section, Dialect dialect) {
    this.schema = schema;
    this.section = section;
    this.keys = schema.keys(dialect);
  }

  boolean has(String key) {
    return keys.containsKey(key);
  }

  /** Reads the value of a key that the schema has. */
  void read(String key, Section.Entry entry, Complaints complaints) throws UsageException {
    RuleSchema.Type type = keys.get(key);
    if (type == null) {
      throw complaints.invalidParameter(this, key);
    }
    switch (type) {
      case STRING -> {
        // Any text will do for now.
      }
      case NUMBER -> numbers.put(key, number(key, entry, complaints));
      case POSITIVE, COUNT -> {
        long number = number(key, entry, complaints);
        long least = type == RuleSchema.Type.POSITIVE ? 1 : 0;
        if (number < least) {
          throw complaints.tooSmall(this, key, entry, least);
        }
        numbers.put(key, number);
      }
      case ERRNO -> {
        Optional<Errno> named = Errno.named(entry.value());
        numbers.put(
            key, named.isPresent() ? (long) named.get().number() : number(key, entry, complaints));
      }
      case PERCENT -> percents.put(key, percent(key, entry, complaints));
      case BOOL -> bools.put(key, bool(key, entry, complaints));
    }
  }

  private long number(String key, Section.Entry entry, Complaints complaints)
      throws UsageException {
    NumberText number = NumberText.parse(entry.value());
    return switch (number.kind()) {
      case OK -> number.value();
      case NOT_A_NUMBER -> throw complaints.notANumber(this, key, entry);
      case TOO_LARGE -> throw complaints.numberTooLarge(this, key, entry);
    };
  }

  private double percent(String key, Section.Entry entry, Complaints complaints)
      throws UsageException {
    if (entry.value().matches("[0-9]{1,3}([.][0-9]{1,15})?")) {
      double percent = Double.parseDouble(entry.value());
      if (percent > 0 && percent <= 100) {
        return percent;
      }
    }
    throw complaints.notAPercentage(this, key, entry);
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

  Optional<Double> percent(String key) {
    return Optional.ofNullable(percents.get(key));
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
