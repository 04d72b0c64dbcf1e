package io.faultdisk.explore.disk.command;

import io.faultdisk.block.DriverType;
import io.faultdisk.explore.disk.DiskUnderTest;
import io.faultdisk.explore.disk.DiskWorkload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Any program, unmodified, as a workload: for each run the disk is served on a socket of its own,
 * and mounted if that is asked for.
 *
 * <p>It finds in its environment: {@code FAULTDISK_URI} and {@code FAULTDISK_SOCKET}, or {@code
 * FAULTDISK_DIR} if the disk is mounted; {@code FAULTDISK_ACKS}, to which it may write what it
 * acknowledges, and {@code FAULTDISK_ACK}, a program that does that and waits until we know. At its
 * end, or when the thread is interrupted, all its processes are ended.
 */
public final class CommandWorkload implements DiskWorkload, AutoCloseable {
  /** What mount says when it fails, and so do we. */
  private static final int NOT_MOUNTED = 32;

  private static final long CLOSING_SECONDS = 30;

  private final List<String> command;
  private final Optional<KernelFileSystem> fileSystem;
  private final Supplier<List<DriverType>> drivers;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private int running;

  /**
   * A program.
   *
   * @param command its words; {@code {uri}} and {@code {dir}} in them stand for what its
   *     environment says
   * @param fileSystem what is on the disk and is to be mounted, if any
   */
  public CommandWorkload(
      List<String> command,
      Optional<KernelFileSystem> fileSystem,
      Supplier<List<DriverType>> drivers) {
    this.command = List.copyOf(command);
    this.fileSystem = fileSystem;
    this.drivers = drivers;
  }

  @Override
  public String description() {
    List<String> words =
        command.size() == 3 && command.get(0).equals("sh") && command.get(1).equals("-c")
            ? command.subList(2, 3)
            : command;
    return String.join(" ", words) + fileSystem.map(each -> " on " + each.type()).orElse("");
  }

  @Override
  public boolean isRepeatable() {
    return false;
  }

  @Override
  public Ending run(DiskUnderTest disk) throws InterruptedException {
    count(1);
    try (PrivateDirectory directory = new PrivateDirectory();
        ServedDisk served = new ServedDisk(disk, drivers.get(), directory.file("disk.sock"))) {
      if (fileSystem.isEmpty()) {
        return run(
            disk,
            directory,
            Map.of("FAULTDISK_URI", served.uri(), "FAULTDISK_SOCKET", served.socket().toString()));
      }
      try (MountedDisk mounted = new MountedDisk(directory, served.uri(), fileSystem.get())) {
        return run(disk, directory, Map.of("FAULTDISK_DIR", mounted.mountPoint().toString()));
      }
    } catch (MountFailure failed) {
      return new Ending(NOT_MOUNTED, false, String.valueOf(failed.getMessage()));
    } finally {
      count(-1);
    }
  }

  private Ending run(DiskUnderTest disk, PrivateDirectory directory, Map<String, String> where)
      throws InterruptedException {
    try (AckPipe acks = new AckPipe(directory, disk::acknowledge)) {
      Map<String, String> environment = new HashMap<>(where);
      environment.putAll(acks.environment());
      Programs.Ended how = Programs.run(words(where), environment, directory.path());
      return new Ending(how.exitCode(), how.died(), how.died() ? how.describe() : how.output());
    }
  }

  private List<String> words(Map<String, String> where) {
    List<String> words = new ArrayList<>(command.size());
    for (String word : command) {
      words.add(
          word.replace("{uri}", where.getOrDefault("FAULTDISK_URI", "{uri}"))
              .replace("{dir}", where.getOrDefault("FAULTDISK_DIR", "{dir}")));
    }
    return words;
  }

  private void count(int more) {
    lock.lock();
    try {
      running += more;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until what was told to give up has gone. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    lock.lock();
    try {
      long nanos = TimeUnit.SECONDS.toNanos(CLOSING_SECONDS);
      while (running > 0 && nanos > 0) {
        nanos = ended.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      lock.unlock();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Optional<String> commandLine(Tool tool, String image) {
    if (tool != Tool.FAULTDISK) {
      return Optional.empty();
    }
    return Optional.of(ByHand.workload(command, fileSystem, image));
  }

  /** Shell commands that run a text for sh on a disk, as an exploration would. */
  public static String byHand(String text, Optional<KernelFileSystem> fileSystem, String image) {
    return ByHand.workload(List.of("sh", "-c", text), fileSystem, image);
  }
}
