package io.faultdisk.explore.disk.command;

import io.faultdisk.base.Clock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A disk on an NBD server, mounted.
 *
 * <pre>
 *   directory -- ext4 or XFS -- /dev/loopN (direct I/O) -- nbdfuse -- socket
 * </pre>
 *
 * <p>{@link #close} undoes all of it, with force where that is needed. For one thread.
 */
final class MountedDisk implements AutoCloseable {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long LOOK_MILLIS = 2;

  private final Deque<Runnable> undo = new ArrayDeque<>();
  private final Process nbdfuse;
  private final Path file;
  private final Path mountPoint;

  /**
   * Makes the disk and mounts it.
   *
   * @throws MountFailure if that does not work, maybe because of a fault that was injected
   * @throws InterruptedException if it was told to give up; then nothing is left
   */
  MountedDisk(PrivateDirectory directory, String uri, KernelFileSystem fileSystem)
      throws MountFailure, InterruptedException {
    mountPoint = directory.directory("mnt");
    Path fuse = directory.directory("fuse");
    file = fuse.resolve("disk");
    nbdfuse = Programs.start(List.of("nbdfuse", file.toString(), uri), Map.of());
    boolean done = false;
    try {
      undo.push(() -> end(fuse));
      awaitFile();
      String device =
          Programs.toolOutput(
              List.of("losetup", "--find", "--show", "--direct-io=on", file.toString()));
      undo.push(() -> Programs.tool(List.of("losetup", "--detach", device)));
      undo.push(() -> release(mountPoint));
      Programs.toolOutput(
          List.of(
              "mount",
              "-t",
              fileSystem.type(),
              "-o",
              fileSystem.mountOptions(),
              device,
              mountPoint.toString()));
      done = true;
    } finally {
      if (!done) {
        close();
      }
    }
  }

  private void awaitFile() throws MountFailure, InterruptedException {
    long begin = Clock.system().nanoTime();
    while (!Files.exists(file)) {
      if (nbdfuse.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new MountFailure("nbdfuse: exit status " + nbdfuse.exitValue());
      }
      if (Clock.system().nanoTime() - begin > DEADLINE_NANOS) {
        throw new MountFailure("nbdfuse does not begin");
      }
    }
  }

  Path mountPoint() {
    return mountPoint;
  }

  /** Unmounts; what does not let go is made to. */
  private void release(Path where) {
    if (!isMounted(where)) {
      return;
    }
    if (!Programs.tool(List.of("umount", where.toString())).good()) {
      nbdfuse.destroyForcibly();
      Programs.tool(List.of("umount", "--lazy", where.toString()));
    }
  }

  private static boolean isMounted(Path where) {
    return Mounts.points().contains(where.toString());
  }

  /** Lets go of the file; nbdfuse may be just about to mount it. */
  private void end(Path fuse) {
    if (!isMounted(fuse)) {
      nbdfuse.destroy();
      awaitExit();
    }
    release(fuse);
  }

  private void awaitExit() {
    boolean interrupted = Thread.interrupted();
    try {
      if (!nbdfuse.waitFor(DEADLINE_NANOS, TimeUnit.NANOSECONDS)) {
        nbdfuse.destroyForcibly();
      }
    } catch (InterruptedException e) {
      interrupted = true;
      nbdfuse.destroyForcibly();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    while (!undo.isEmpty()) {
      undo.pop().run();
    }
    awaitExit();
  }
}
