package io.faultdisk.console;

import io.faultdisk.base.Clock;
import io.faultdisk.console.Explorations.Exploration;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.DiskEvent;
import io.faultdisk.daemon.disk.DiskListener;
import io.faultdisk.rules.Snapshot;
import io.faultdisk.rules.SuspendedRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells those who read the stream of events what happens to the disks.
 *
 * <pre>
 *   requests' threads --happened()--> pending, dirty --one thread--> Subscriber --its thread--> socket
 * </pre>
 *
 * <p>A request that something happens to leaves a note and goes on: it takes no lock and waits for
 * nobody, and at most fifty times a second it wakes the thread that publishes. That one looks at
 * the disks every {@value #TICK_MILLIS} ms while somebody reads, and hands the same bytes to all
 * readers. What a reader has not read yet is bounded.
 */
final class EventFeed implements DiskListener, AutoCloseable {
  /** Readers at a time. */
  static final int SUBSCRIBERS_MAX = 256;

  private static final int TICK_MILLIS = 250;
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);

  /** Between two changes of the rules of a disk. */
  private static final long RULES_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Between two looks at what has happened. */
  private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** Between two looks with nobody reading. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Events between two looks; the disk's state is told anew instead of what is beyond that. */
  private static final int PENDING_MAX = 1000;

  private final Storage storage;
  private final Explorations explorations;
  private final String version;
  private final Watchdog watchdog;
  private final Consumer<String> complaints;
  private final Clock clock;
  private final Thread thread;

  private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();
  private final Queue<DiskEvent> pending = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pendingCount = new AtomicInteger();

  /** Disks whose rules, breakpoints or state are to be told anew. */
  private final Set<String> dirty = ConcurrentHashMap.newKeySet();

  private volatile boolean disksChanged;
  private volatile boolean woken;
  private volatile boolean closed;

  // Of the thread that publishes.
  private final Map<Disk, DiskWatch> watches = new LinkedHashMap<>();
  private final Map<String, Long> rulesTold = new HashMap<>();
  private final Map<Integer, Exploration> explorationsTold = new HashMap<>();
  private long nextTick;
  private List<String> exportsTold = List.of();
  private String lastComplaint = "";

  EventFeed(
      Storage storage,
      Explorations explorations,
      String version,
      Watchdog watchdog,
      Consumer<String> complaints,
      Clock clock) {
    this.storage = storage;
    this.explorations = explorations;
    this.version = version;
    this.watchdog = watchdog;
    this.complaints = complaints;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("faultdisk-console").unstarted(this::publish);
  }

  void start() {
    storage.disks().listen(this);
    thread.start();
  }

  /**
   * One more reader.
   *
   * @throws ApiException if there are too many
   */
  Subscriber subscribe(Optional<String> disk) throws ApiException {
    if (subscribers.size() >= SUBSCRIBERS_MAX || closed) {
      throw ApiException.of(503, "there are " + SUBSCRIBERS_MAX + " readers of events already", "");
    }
    Subscriber subscriber = new Subscriber(disk);
    subscribers.add(subscriber);
    wake();
    return subscriber;
  }

  void unsubscribe(Subscriber subscriber) {
    subscribers.remove(subscriber);
    wake();
  }

  @Override
  public void happened(DiskEvent event) {
    if (subscribers.isEmpty()) {
      return;
    }
    switch (event) {
      case DiskEvent.Added _, DiskEvent.Removed _ -> disksChanged = true;
      case DiskEvent.RulesChanged changed -> dirty.add(changed.disk());
      case DiskEvent.RuleHit hit -> {
        // All the others show in the next tick.
        if (!hit.receipt().rule().once()) {
          return;
        }
        dirty.add(hit.disk());
      }
      case DiskEvent.StateChanged _,
          DiskEvent.Suspended _,
          DiskEvent.Resumed _,
          DiskEvent.PowerChanged _ -> {
        if (pendingCount.incrementAndGet() <= PENDING_MAX) {
          pending.add(event);
        } else {
          pendingCount.decrementAndGet();
          dirty.add(event.disk());
        }
      }
    }
    wake();
  }

  private void wake() {
    if (!woken) {
      woken = true;
      LockSupport.unpark(thread);
    }
  }

  private void publish() {
    nextTick = clock.nanoTime() + TICK_NANOS;
    while (!closed) {
      woken = false;
      watchdog.look();
      lookSafely();
      pause(PACE_NANOS, true);
      long now = clock.nanoTime();
      boolean later = !dirty.isEmpty();
      pause(
          subscribers.isEmpty()
              ? IDLE_NANOS
              : Math.min(nextTick - now, later ? RULES_NANOS : TICK_NANOS),
          false);
    }
    watches.values().forEach(DiskWatch::close);
  }

  /** Whatever is wrong with one disk, the others go on. */
  private void lookSafely() {
    try {
      look(clock.nanoTime());
    } catch (RuntimeException e) {
      String complaint = "console: the events could not be told: " + e;
      if (!complaint.equals(lastComplaint)) {
        lastComplaint = complaint;
        complaints.accept(complaint);
      }
    }
  }

  /**
   * Waits.
   *
   * @param all whether to go on waiting when somebody wakes the thread
   */
  private void pause(long nanos, boolean all) {
    long end = clock.nanoTime() + nanos;
    while (!closed && (all || !woken)) {
      long left = end - clock.nanoTime();
      if (left <= 0) {
        return;
      }
      LockSupport.parkNanos(this, left);
    }
  }

  private void look(long now) {
    watch(now);
    if (now - nextTick >= 0 && !subscribers.isEmpty()) {
      lookForExports();
    }
    for (DiskEvent event = pending.poll(); event != null; event = pending.poll()) {
      pendingCount.decrementAndGet();
      tell(event);
    }
    if (disksChanged) {
      disksChanged = false;
      tellDisks(subscribers.stream().filter(reader -> reader.greeted).toList());
      storage.disks().all().forEach(disk -> dirty.add(disk.name()));
    }
    for (Subscriber reader : subscribers) {
      if (!reader.greeted) {
        greet(reader);
        reader.greeted = true;
      }
    }
    for (String name : Set.copyOf(dirty)) {
      if (now - rulesTold.getOrDefault(name, now - RULES_NANOS) >= RULES_NANOS) {
        dirty.remove(name);
        rulesTold.put(name, now);
        storage.disks().find(name).ifPresent(disk -> send(name, rules(disk), false));
      }
    }
    if (now - nextTick >= 0) {
      nextTick = now + TICK_NANOS;
      for (DiskWatch watch : watches.values()) {
        send(watch.disk().name(), frame("tick", watch.tick(now)), true);
      }
      tellExplorations();
    }
  }

  /** Exports come and go without the disk: its URIs are others then. */
  private void lookForExports() {
    List<String> now =
        storage.exports().stream().map(served -> served.id() + " " + served.uri()).toList();
    if (!now.equals(exportsTold)) {
      exportsTold = now;
      disksChanged = true;
    }
  }

  /** Watches the disks that somebody wants to hear of, and only those. */
  private void watch(long now) {
    Set<Disk> wanted = new HashSet<>();
    for (Disk disk : storage.disks().all()) {
      if (subscribers.stream().anyMatch(reader -> reader.wants(disk.name()))) {
        wanted.add(disk);
      }
    }
    watches
        .entrySet()
        .removeIf(
            entry -> {
              if (wanted.contains(entry.getKey())) {
                return false;
              }
              entry.getValue().close();
              return true;
            });
    wanted.forEach(disk -> watches.computeIfAbsent(disk, more -> new DiskWatch(more, now)));
    if (subscribers.isEmpty()) {
      dirty.clear();
      rulesTold.clear();
    }
  }

  /** How things are. */
  private void greet(Subscriber reader) {
    reader.offer(frame("hello", new JsonText().object().member("version", version).end()));
    tellDisks(List.of(reader));
    for (Disk disk : storage.disks().all()) {
      if (reader.wants(disk.name())) {
        reader.offer(rules(disk));
        for (SuspendedRequest stop : disk.suspended()) {
          reader.offer(suspended("suspended", disk.name(), stop));
        }
      }
    }
    for (Exploration one : explorations.all()) {
      reader.offer(exploration(one));
    }
  }

  private void tellDisks(List<Subscriber> readers) {
    JsonText json = Views.disks(new JsonText().object().name("disks"), storage);
    byte[] frame = frame("disks", json.end());
    readers.forEach(reader -> reader.offer(frame));
  }

  private static byte[] rules(Disk disk) {
    Snapshot now = disk.snapshot();
    JsonText json = new JsonText().object().member("disk", disk.name());
    Views.faults(json.name("faults"), disk.faults());
    Views.breakpoints(json.name("breakpoints"), now.breakpoints());
    json.array("suspended");
    for (SuspendedRequest stop : now.suspended()) {
      Views.suspended(json.object(), stop).end();
    }
    return frame("rules", json.end().member("state", now.state()).end());
  }

  private void tell(DiskEvent event) {
    switch (event) {
      case DiskEvent.StateChanged change ->
          send(
              change.disk(),
              frame(
                  "state",
                  new JsonText()
                      .object()
                      .member("disk", change.disk())
                      .member("from", change.from())
                      .member("to", change.to())
                      .member("event", change.event())
                      .end()),
              false);
      case DiskEvent.Suspended stop -> {
        send(stop.disk(), suspended("suspended", stop.disk(), stop.request()), false);
        // The breakpoint is used up.
        dirty.add(stop.disk());
      }
      case DiskEvent.Resumed stop ->
          send(stop.disk(), suspended("resumed", stop.disk(), stop.request()), false);
      case DiskEvent.PowerChanged change ->
          send(
              change.disk(),
              frame(
                  "power",
                  new JsonText()
                      .object()
                      .member("disk", change.disk())
                      .member("power", Views.onOff(change.on()))
                      .end()),
              false);
      case DiskEvent.Added _,
          DiskEvent.Removed _,
          DiskEvent.RulesChanged _,
          DiskEvent.RuleHit _ -> {}
    }
  }

  private static byte[] suspended(String event, String disk, SuspendedRequest stop) {
    JsonText json = new JsonText().object().member("disk", disk);
    return frame(event, Views.suspended(json, stop).end());
  }

  private void tellExplorations() {
    List<Exploration> all = explorations.all();
    for (Exploration one : all) {
      @Nullable Exploration told = explorationsTold.put(one.id(), one);
      if (!one.equals(told)) {
        byte[] frame = exploration(one);
        subscribers.forEach(reader -> reader.offer(frame));
      }
    }
  }

  private static byte[] exploration(Exploration one) {
    JsonText json = new JsonText();
    Views.exploration(json, one);
    return frame("exploration", json);
  }

  private void send(String disk, byte[] frame, boolean tick) {
    for (Subscriber reader : subscribers) {
      if (!reader.greeted || !reader.wants(disk)) {
        continue;
      }
      if (tick) {
        reader.offerTick(frame);
      } else {
        reader.offer(frame);
      }
    }
  }

  private static byte[] frame(String event, JsonText data) {
    return ("event: " + event + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** Nobody hears anything any more. */
  @Override
  public void close() {
    storage.disks().unlisten(this);
    closed = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    new ArrayList<>(subscribers).forEach(Subscriber::end);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
