package io.faultdisk.rules;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An event that is itself a request: opening a file, reading from it, renaming it. {@link
 * FileEvents} holds those of a file system.
 *
 * <p>A disk driver announces what it is about to do, and the rules that its event arms apply to the
 * requests that come after. An operation needs no such second step: the rules on its event decide
 * the operation itself, and nothing else. Rules that other events have armed apply to it too, if it
 * has a request type.
 *
 * @param event its event; rules on it decide it
 * @param wider an event whose rules decide it, too, as those on {@code fsync} decide {@code
 *     fdatasync}; null if there is none
 * @param type what rules armed by other events take it for; null if they shall not see it
 * @param alias an event that is announced just before it, so that rule files written for a disk
 *     work; null if there is none
 */
public record Operation(
    Event event, @Nullable Event wider, @Nullable RequestType type, @Nullable Event alias) {
  /** An operation that only rules on its own event see. */
  public static Operation of(Event event) {
    return new Operation(event, null, null, null);
  }

  /** The request type, if it has one. */
  public Optional<RequestType> requestType() {
    return Optional.ofNullable(type);
  }

  /** The name of its event. */
  public String name() {
    return event.name();
  }

  @Override
  public String toString() {
    return event.name();
  }
}
