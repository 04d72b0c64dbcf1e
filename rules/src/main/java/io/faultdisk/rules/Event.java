package io.faultdisk.rules;

import org.jspecify.annotations.Nullable;

/**
 * Something that a driver or a program announces while it works: {@code l2_load}, {@code
 * write_aio}, {@code wal_append}. Rules hang on events.
 *
 * <p>An open set: any program may announce events of its own to the engine. {@link QemuEvents}
 * holds the names that QEMU's drivers announce. Announce one and the same object again and again
 * rather than a new one each time: it is then found by identity.
 *
 * @param name the wire name, not empty; two events with the same name are the same event
 */
public record Event(String name) {
  /** Checks the name. */
  public Event {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("an event needs a name");
    }
  }

  // Written out because they are on the path of every event, and because those that records get by
  // themselves take long
  // to link when a tool starts.

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other || (other instanceof Event event && event.name.equals(name));
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
