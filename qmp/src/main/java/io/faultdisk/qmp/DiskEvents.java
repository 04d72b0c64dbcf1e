package io.faultdisk.qmp;

import io.faultdisk.base.Clock;
import io.faultdisk.daemon.disk.DiskEvent;
import io.faultdisk.daemon.disk.DiskListener;
import io.faultdisk.rules.SuspendedRequest;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Turns what happens to disks into events. Of those that may come with every request at most {@link
 * EventRate#PER_SECOND} are sent, for each disk; the next one says how many were left out.
 *
 * <p>Any thread, those of requests among them: waits for nobody.
 */
final class DiskEvents implements DiskListener {
  private static final String PREFIX = "__io.faultdisk_";

  private final Events events;
  private final Clock clock;
  private final Map<String, EventRate> rates = new ConcurrentHashMap<>();

  DiskEvents(Events events, Clock clock) {
    this.events = events;
    this.clock = clock;
  }

  @Override
  public void happened(DiskEvent event) {
    if (!events.wanted()) {
      return;
    }
    Fields data = new Fields().put("disk", event.disk());
    switch (event) {
      case DiskEvent.Added _ -> emit("DISK_ADDED", data);
      case DiskEvent.Removed _ -> emit("DISK_REMOVED", data);
      case DiskEvent.RulesChanged _ -> emit("RULES_CHANGED", data);
      case DiskEvent.PowerChanged power -> emit("POWER_CHANGED", data.put("on", power.on()));
      case DiskEvent.Suspended stop -> emit("SUSPENDED", stop(data, stop.request()));
      case DiskEvent.Resumed stop -> emit("RESUMED", stop(data, stop.request()));
      case DiskEvent.StateChanged change -> {
        if (isDue("STATE_CHANGED", event, data)) {
          if (!change.event().isEmpty()) {
            data.put("event", change.event());
          }
          emit("STATE_CHANGED", data.put("from", change.from()).put("to", change.to()));
        }
      }
      case DiskEvent.RuleHit hit -> {
        if (isDue("RULE_HIT", event, data)) {
          emit("RULE_HIT", data.put("receipt", DiskViews.receipt(hit.receipt())));
        }
      }
    }
  }

  private static Fields stop(Fields data, SuspendedRequest stop) {
    return data.put("tag", stop.tag())
        .put("event", stop.event().name())
        .put("request", stop.request(), DiskViews::request);
  }

  /** Whether to send it; then with how many were not sent. */
  private boolean isDue(String name, DiskEvent event, Fields data) {
    OptionalLong missed =
        rates
            .computeIfAbsent(name + ' ' + event.disk(), _ -> new EventRate())
            .next(clock.nanoTime());
    if (missed.isPresent() && missed.getAsLong() > 0) {
      data.put("missed", missed.getAsLong());
    }
    return missed.isPresent();
  }

  private void emit(String name, Fields data) {
    events.emit(PREFIX + name, data.object());
  }
}
