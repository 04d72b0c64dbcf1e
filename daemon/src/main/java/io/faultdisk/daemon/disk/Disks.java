package io.faultdisk.daemon.disk;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.Node;
import io.faultdisk.block.blkdebug.BlkdebugDriver;
import io.faultdisk.rules.FaultEngine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The disks of a graph: its blkdebug nodes. Any thread.
 *
 * <p>Whoever opens and closes nodes says so: with {@link #opened} and {@link #closed}, in the order
 * in which that happened, or with {@link #refresh}.
 */
public final class Disks implements AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();

  /** By the node itself: one that was opened anew under the old name is another disk. */
  private final Map<Node, Disk> disks = new LinkedHashMap<>();

  private final List<DiskListener> listeners = new CopyOnWriteArrayList<>();

  /** Tells somebody of everything from now on. */
  public void listen(DiskListener listener) {
    listeners.add(listener);
  }

  /** Ends that. */
  public void unlisten(DiskListener listener) {
    listeners.remove(listener);
  }

  private void tell(DiskEvent event) {
    for (DiskListener listener : listeners) {
      listener.happened(event);
    }
  }

  /** A node is open; it is a disk if its driver has rules. */
  public void opened(Node node) {
    Optional<DiskEvent> event;
    lock.lock();
    try {
      event = add(node);
    } finally {
      lock.unlock();
    }
    event.ifPresent(this::tell);
  }

  /** A node has been closed. */
  public void closed(Node node) {
    Optional<DiskEvent> event;
    lock.lock();
    try {
      event = remove(node);
    } finally {
      lock.unlock();
    }
    event.ifPresent(this::tell);
  }

  private Optional<DiskEvent> add(Node node) {
    if (!(node.driver() instanceof BlkdebugDriver driver) || disks.containsKey(node)) {
      return Optional.empty();
    }
    FaultEngine engine = driver.engine().orElseThrow();
    disks.put(node, new Disk(node, driver, engine, this::tell));
    return Optional.of(new DiskEvent.Added(node.name()));
  }

  private Optional<DiskEvent> remove(Node node) {
    Disk disk = disks.remove(node);
    if (disk == null) {
      return Optional.empty();
    }
    disk.close();
    return Optional.of(new DiskEvent.Removed(disk.name()));
  }

  /**
   * Nodes came or went.
   *
   * @param open says which are open; asked under the lock, so that what it says is not outdated
   */
  public void refresh(Supplier<List<Node>> open) {
    List<DiskEvent> events = new ArrayList<>();
    lock.lock();
    try {
      List<Node> nodes = open.get();
      List<Node> gone = new ArrayList<>(disks.keySet());
      gone.removeAll(nodes);
      gone.forEach(node -> remove(node).ifPresent(events::add));
      nodes.forEach(node -> add(node).ifPresent(events::add));
    } finally {
      lock.unlock();
    }
    events.forEach(this::tell);
  }

  /** All of them, in the order in which they were opened. */
  public List<Disk> all() {
    lock.lock();
    try {
      return List.copyOf(disks.values());
    } finally {
      lock.unlock();
    }
  }

  /** The one with that name. */
  public Optional<Disk> find(String name) {
    return all().stream().filter(disk -> disk.name().equals(name)).findFirst();
  }

  /**
   * The one with that name.
   *
   * @throws UsageException if there is none
   */
  public Disk require(String name) throws UsageException {
    Optional<Disk> found = find(name);
    if (found.isEmpty()) {
      List<String> names = all().stream().map(Disk::name).toList();
      throw new UsageException(
          "there is no disk '"
              + name
              + "'; "
              + (names.isEmpty()
                  ? "a disk is a node with driver blkdebug"
                  : "there are: " + String.join(", ", names)));
    }
    return found.get();
  }

  /** Stops watching them. */
  @Override
  public void close() {
    lock.lock();
    try {
      disks.values().forEach(Disk::close);
      disks.clear();
    } finally {
      lock.unlock();
    }
  }
}
