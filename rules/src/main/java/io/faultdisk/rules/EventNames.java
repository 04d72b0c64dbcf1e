package io.faultdisk.rules;

import java.util.Optional;
import java.util.regex.Pattern;

/** Event names that are not QEMU's. */
final class EventNames {
  private static final Pattern OWN_NAME = Pattern.compile("[a-z][a-z0-9_.-]*");

  private EventNames() {}

  static Optional<Event> own(String name) {
    return OWN_NAME.matcher(name).matches() ? Optional.of(new Event(name)) : Optional.empty();
  }
}
