package io.faultdisk.explore;

/**
 * Something that happened in the recorded run: an event, or a request if it has an operation.
 *
 * @param epoch how many flushes were completed before it
 * @param event the event announced; empty for a request
 * @param operation the kind of request, which may be followed by what it was done to: {@code
 *     write}, {@code fsync a.wal}; empty for an event
 * @param offset first byte; 0 if it has no range
 * @param bytes length; 0 if it has no range
 */
public record TimelineEntry(long epoch, String event, String operation, long offset, long bytes) {

  /** An event. */
  public static TimelineEntry event(long epoch, String name) {
    return new TimelineEntry(epoch, name, "", 0, 0);
  }

  /** A request. */
  public static TimelineEntry request(long epoch, String operation, long offset, long bytes) {
    return new TimelineEntry(epoch, "", operation, offset, bytes);
  }

  /** Whether it is a request. */
  public boolean isRequest() {
    return event.isEmpty();
  }
}
