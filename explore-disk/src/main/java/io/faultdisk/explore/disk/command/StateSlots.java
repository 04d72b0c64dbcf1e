package io.faultdisk.explore.disk.command;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Places where disks are mounted to be checked: a file in memory, a loop device that stays attached
 * to it, a mount point.
 *
 * <p>Unmounting costs the kernel some tens of milliseconds in which it does nothing but wait, so a
 * place that was used is unmounted in the background while others are used. Any thread.
 */
final class StateSlots implements AutoCloseable {
  private static final int SLOTS_MAX = 6 * Runtime.getRuntime().availableProcessors();
  private static final long CLOSING_SECONDS = 30;

  private final LinkedBlockingQueue<Slot> free = new LinkedBlockingQueue<>();
  private final ExecutorService background =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "unmount");
            thread.setDaemon(true);
            return thread;
          });
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Slot> all = new ArrayList<>();

  /** A place; for one thread at a time. */
  static final class Slot {
    private final PrivateDirectory directory = new PrivateDirectory();
    private final Path file = directory.file("disk.img");
    private final Path acked = directory.file("acked");
    private final Path mountPoint = directory.directory("mnt");
    private String device = "";
    private boolean mounted;

    private void attach(long bytes) throws MountFailure {
      try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
        disk.setLength(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      device = Programs.toolOutput(List.of("losetup", "--find", "--show", file.toString()));
    }

    /** The disk; to be written while it is not mounted, always with the same length. */
    Path file() {
      return file;
    }

    /** A file for what was acknowledged. */
    Path acked() {
      return acked;
    }

    Path mountPoint() {
      return mountPoint;
    }

    void mount(KernelFileSystem fileSystem) throws MountFailure {
      Programs.toolOutput(
          List.of(
              "mount",
              "-t",
              fileSystem.type(),
              "-o",
              fileSystem.mountOptions(),
              device,
              mountPoint.toString()));
      mounted = true;
    }

    void unmount() {
      if (mounted) {
        mounted = false;
        if (!Programs.tool(List.of("umount", mountPoint.toString())).good()) {
          Programs.tool(List.of("umount", "--lazy", mountPoint.toString()));
        }
      }
    }

    /** What checks the disk while it is not mounted. */
    List<String> checkLine(KernelFileSystem fileSystem) {
      List<String> line = new ArrayList<>(fileSystem.check());
      line.add(device);
      return line;
    }

    private void close() {
      unmount();
      if (!device.isEmpty()) {
        Programs.tool(List.of("losetup", "--detach", device));
      }
      directory.close();
    }
  }

  /** A place that is not used; waits for one if need be. */
  Slot take(long bytes) throws InterruptedException, MountFailure {
    Slot known = free.poll();
    if (known != null) {
      return known;
    }
    Slot made;
    lock.lock();
    try {
      if (all.size() >= SLOTS_MAX) {
        made = null;
      } else {
        made = new Slot();
        all.add(made);
      }
    } finally {
      lock.unlock();
    }
    if (made == null) {
      return free.take();
    }
    made.attach(bytes);
    return made;
  }

  /** Not used any more. */
  void giveBack(Slot slot) {
    background.execute(
        () -> {
          slot.unmount();
          free.add(slot);
        });
  }

  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    background.shutdown();
    try {
      boolean unused = background.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    all.forEach(Slot::close);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
