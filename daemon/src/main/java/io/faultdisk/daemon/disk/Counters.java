package io.faultdisk.daemon.disk;

import io.faultdisk.rules.RequestType;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a disk has done since it was opened or reset. Immutable.
 *
 * @param byType for each type of request
 * @param inFlight requests under way, those that wait for the disk or are delayed among them; one
 *     that stops at an event before it reaches the disk is only among the suspended ones
 */
public record Counters(Map<RequestType, OfType> byType, long inFlight) {

  public Counters {
    byType = new EnumMap<>(byType);
  }

  /**
   * What became of the requests of one type.
   *
   * @param requests how many were answered
   * @param bytes how long they were together
   * @param nanos how long they took together
   * @param injected with how many a rule did something
   * @param failed how many ended with an error that was none of a rule's
   * @param latencies how long they took
   */
  public record OfType(
      long requests, long bytes, long nanos, long injected, long failed, Latencies latencies) {}

  /** What became of the requests of that type. */
  public OfType of(RequestType type) {
    OfType counts = byType.get(type);
    if (counts == null) {
      throw new IllegalArgumentException("not counted: " + type);
    }
    return counts;
  }

  /** Requests of all types. */
  public long requests() {
    return byType.values().stream().mapToLong(OfType::requests).sum();
  }

  /** Of all types, with how many a rule did something. */
  public long injected() {
    return byType.values().stream().mapToLong(OfType::injected).sum();
  }
}
