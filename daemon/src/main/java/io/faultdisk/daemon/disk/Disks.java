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
 * in which that happened, perhaps with {@link #appeared} before, or with {@link #refresh}.
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

  /**
   * A node is there for something that is still being opened. If its driver has rules it is a disk
   * from now on, so that a request which they stop meanwhile can be resumed. Listeners hear of it
   * when that happens, else once it is {@link #opened}. Waits for nothing.
   */
  public void appeared(Node node) {
    var unused = add(node);
  }

  /** A node is open; it is a disk if its driver has rules. */
  public void opened(Node node) {
    add(node).ifPresent(Disk::announce);
  }

  /** A node has been closed. */
  public void closed(Node node) {
    Optional<Disk> gone;
    lock.lock();
    try {
      gone = Optional.ofNullable(disks.remove(node));
    } finally {
      lock.unlock();
    }
    gone.ifPresent(Disk::end);
  }

  private Optional<Disk> add(Node node) {
    if (!(node.driver() instanceof BlkdebugDriver driver)) {
      return Optional.empty();
    }
    lock.lock();
    try {
      FaultEngine engine = driver.engine().orElseThrow();
      return Optional.of(
          disks.computeIfAbsent(node, _ -> new Disk(node, driver, engine, this::tell)));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Nodes came or went.
   *
   * @param open says which are open; asked under the lock, so that what it says is not outdated
   */
  public void refresh(Supplier<List<Node>> open) {
    List<Disk> ended = new ArrayList<>();
    List<Disk> added = new ArrayList<>();
    lock.lock();
    try {
      List<Node> nodes = open.get();
      List<Node> gone = new ArrayList<>(disks.keySet());
      gone.removeAll(nodes);
      gone.forEach(node -> ended.add(disks.remove(node)));
      nodes.forEach(node -> add(node).ifPresent(added::add));
    } finally {
      lock.unlock();
    }
    ended.forEach(Disk::end);
    added.forEach(Disk::announce);
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

  /** The one with that name; the latest, if one that had it before is just going. */
  public Optional<Disk> find(String name) {
    return all().reversed().stream().filter(disk -> disk.name().equals(name)).findFirst();
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
