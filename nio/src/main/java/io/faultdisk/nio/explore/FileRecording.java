package io.faultdisk.nio.explore;

import io.faultdisk.base.Seed;
import io.faultdisk.explore.FaultPoint;
import io.faultdisk.explore.PointTraits;
import io.faultdisk.explore.Recording;
import io.faultdisk.explore.TimelineEntry;
import io.faultdisk.rules.FileEvents;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;

/**
 * What the clean run of a {@link FileSubject} has shown. Immutable.
 *
 * @param points of the workload, in order
 * @param counts how often each operation was done
 * @param recoveryPoints how many points the recovery has
 * @param states what power cuts may leave
 * @param others what can go wrong beside errors, by name
 * @param seed of all that was chosen
 */
record FileRecording(
    List<PointWatch.Seen> points,
    SortedMap<String, Long> counts,
    int recoveryPoints,
    FileStates states,
    Map<String, PointFault> others,
    Seed seed) {
  /** Before there is one. */
  static final FileRecording NOTHING =
      new FileRecording(
          List.of(), new TreeMap<>(), 0, new FileStates(1, new Seed(0)), Map.of(), new Seed(0));

  static FileRecording of(FileRun run, FileStates states, TrialPlan faults, Seed seed) {
    Map<String, PointFault> others = new HashMap<>();
    faults.faults().forEach(fault -> others.put(fault.toString(), fault));
    return new FileRecording(
        run.points(), run.counts(), run.recoveryPoints().size(), states, others, seed);
  }

  /** A point as rules name it. */
  io.faultdisk.faults.FaultPoint point(FaultPoint point) {
    return points.get(point.number() - 1).point();
  }

  /** One of those beside errors. */
  PointFault fault(String name) {
    PointFault fault = others.get(name);
    if (fault == null) {
      throw new IllegalArgumentException("no such fault: " + name);
    }
    return fault;
  }

  /** The operations that can be made to fail, those of the program's own among them. */
  NavigableSet<String> eventsOf(TrialPlan plan) {
    NavigableSet<String> events = new TreeSet<>();
    FileEvents.all().stream()
        .filter(operation -> operation.wider() == null && plan.wants(operation.name()))
        .forEach(operation -> events.add(operation.name()));
    counts.keySet().stream().filter(plan::wants).forEach(events::add);
    return events;
  }

  /** The operations of the points. */
  NavigableSet<String> events() {
    NavigableSet<String> events = new TreeSet<>();
    points.forEach(seen -> events.add(seen.point().event()));
    return events;
  }

  /** As the explorer wants it. */
  Recording recording(TrialPlan faults) {
    List<FaultPoint> named = new ArrayList<>();
    List<TimelineEntry> timeline = new ArrayList<>();
    Map<Integer, PointTraits> traits = new HashMap<>();
    for (PointWatch.Seen seen : points) {
      named.add(FileRecorder.named(seen));
      timeline.add(
          TimelineEntry.request(
              seen.point().epoch(), seen.operation(), seen.offset(), seen.bytes()));
      traits.put(
          seen.number(),
          new PointTraits(
              PointFault.needsSpace(seen.point().event()),
              faults.faults().stream()
                  .filter(fault -> fault.fits(seen.point()))
                  .map(PointFault::toString)
                  .toList()));
    }
    SortedMap<String, Long> events = new TreeMap<>();
    FileEvents.all().stream()
        .filter(operation -> operation.wider() == null)
        .forEach(operation -> events.put(operation.name(), 0L));
    events.putAll(counts);
    return new Recording(
        named,
        traits,
        states.states(),
        states.listed(),
        events,
        timeline,
        recoveryPoints,
        digest(named));
  }

  private String digest(List<FaultPoint> named) {
    CRC32 sum = new CRC32();
    named.forEach(point -> add(sum, point.id()));
    states.states().forEach(state -> add(sum, state.id()));
    return String.format("%08x", sum.getValue());
  }

  private static void add(CRC32 sum, String line) {
    sum.update(line.getBytes(StandardCharsets.UTF_8));
    sum.update('\n');
  }
}
