package io.faultdisk.nbd.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * An export as a disk of this machine: nbdfuse makes a file of it, a loop device makes a disk of
 * the file, and a file system on it can be mounted.
 *
 * <pre>
 *   mount point -- ext4 or XFS -- /dev/loopN (direct I/O) -- nbdfuse -- socket -- server
 * </pre>
 *
 * <p>Whatever has come about is undone by {@link #close}, in the opposite order, if need be with
 * force; also when the JVM is told to end. For one thread.
 */
final class MountedExport implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 60;

  private final Path directory;
  private final Path mountPoint;
  private final Deque<Undo> undo = new ConcurrentLinkedDeque<>();
  private String device = "";
  private final Thread lastResort = new Thread(this::undoAll);
  private boolean mounted;
  private Optional<Process> nbdfuse = Optional.empty();

  /** A step back. */
  private interface Undo {
    void run() throws IOException, InterruptedException;
  }

  /** Skips the test where such disks cannot be made. */
  static void assumePossible() {
    Tools.assume("nbdfuse", "losetup", "mount", "umount");
    Tools.assume("root".equals(System.getProperty("user.name")), "only root can mount");
    Tools.assume(Files.isWritable(Path.of("/dev/fuse")), "no /dev/fuse");
    Tools.assume(Files.isWritable(Path.of("/dev/loop-control")), "no loop devices");
  }

  /**
   * Makes the disk.
   *
   * @param directory for mount points; they are made there
   */
  MountedExport(Path directory, ServedImage served) throws IOException, InterruptedException {
    this.directory = directory;
    this.mountPoint = Files.createDirectories(directory.resolve("mnt"));
    Runtime.getRuntime().addShutdownHook(lastResort);
    boolean made = false;
    try {
      device = attach(exportAsFile(served));
      made = true;
    } finally {
      if (!made) {
        close();
      }
    }
  }

  private Path exportAsFile(ServedImage served) throws IOException, InterruptedException {
    Path fuse = Files.createDirectories(directory.resolve("fuse"));
    Path file = fuse.resolve("disk");
    Process started =
        Tools.start(directory.resolve("nbdfuse.log"), "nbdfuse", file.toString(), served.uri());
    nbdfuse = Optional.of(started);
    undo.push(
        () -> {
          release(fuse);
          if (!started.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            started.destroyForcibly().waitFor();
          }
        });
    Awaitility.await()
        .atMost(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .until(() -> Files.exists(file) || !started.isAlive());
    return file;
  }

  private String attach(Path file) throws IOException, InterruptedException {
    String loop =
        Tools.run("losetup", "--find", "--show", "--direct-io=on", file.toString()).strip();
    undo.push(() -> Tools.result("losetup", "--detach", loop));
    return loop;
  }

  /** The block device. */
  String device() {
    return device;
  }

  /** Mounts the file system that is on the disk; where. */
  Path mount(String type) throws IOException, InterruptedException {
    Tools.run("mount", "-t", type, device, mountPoint.toString());
    mounted = true;
    undo.push(
        () -> {
          if (mounted) {
            release(mountPoint);
          }
        });
    return mountPoint;
  }

  /** Unmounts it, which must work. */
  void unmount() throws IOException, InterruptedException {
    Tools.run("umount", mountPoint.toString());
    mounted = false;
  }

  /** The line of the kernel's table about the file system; empty if there is none. */
  String mountLine() throws IOException {
    return Files.readAllLines(Path.of("/proc/mounts")).stream()
        .filter(line -> line.contains(" " + mountPoint + " "))
        .findFirst()
        .orElse("");
  }

  /** Unmounts; if that does not work, ends what the kernel may be waiting for and tries again. */
  private void release(Path where) throws IOException, InterruptedException {
    boolean done = false;
    try {
      done = Tools.result("umount", where.toString()).exit() == 0;
    } finally {
      if (!done) {
        nbdfuse.ifPresent(Process::destroyForcibly);
        Tools.result("umount", "--lazy", where.toString());
      }
    }
  }

  /** When the tests are stopped in the middle. */
  private void undoAll() {
    while (!undo.isEmpty()) {
      try {
        undo.pop().run();
      } catch (IOException | InterruptedException | AssertionError e) {
        System.err.println("not released: " + e.getMessage());
      }
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    try {
      if (!undo.isEmpty()) {
        undo.pop().run();
      }
    } finally {
      if (undo.isEmpty()) {
        Runtime.getRuntime().removeShutdownHook(lastResort);
      } else {
        close();
      }
    }
  }
}
