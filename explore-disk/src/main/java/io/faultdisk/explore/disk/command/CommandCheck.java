package io.faultdisk.explore.disk.command;

import io.faultdisk.block.DriverType;
import io.faultdisk.explore.disk.DiskUnderTest;
import io.faultdisk.explore.disk.StateCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Programs as a check: each is run on the disk that was left and ends with 0 if that is good.
 *
 * <p>They find in their environment {@code FAULTDISK_ACKED}, a file of what was acknowledged, one
 * line each, and the disk: {@code FAULTDISK_FILE} and {@code FAULTDISK_URI}, or {@code
 * FAULTDISK_DIR} where it is mounted, which has the kernel replay the journal. The file system's
 * own check, if asked for, comes last, after it was unmounted. Any thread.
 */
public final class CommandCheck implements StateCheck, AutoCloseable {
  private final List<String> commands;
  private final boolean fsck;
  private final Optional<KernelFileSystem> fileSystem;
  private final String format;
  private final Supplier<List<DriverType>> drivers;
  private final StateSlots slots = new StateSlots();

  /** Marks what checks have started, to end what they leave in the background. */
  private final PrivateDirectory mark = new PrivateDirectory();

  /**
   * A check.
   *
   * @param commands for a shell, in this order
   * @param fsck whether the file system's own check is run
   * @param fileSystem what to mount, if anything
   * @param format the driver of the image on the disk, for {@code FAULTDISK_URI}
   */
  public CommandCheck(
      List<String> commands,
      boolean fsck,
      Optional<KernelFileSystem> fileSystem,
      String format,
      Supplier<List<DriverType>> drivers) {
    this.commands = List.copyOf(commands);
    this.fsck = fsck;
    this.fileSystem = fileSystem;
    this.format = format;
    this.drivers = drivers;
  }

  @Override
  public String description() {
    String all = String.join(" and ", commands);
    return !fsck ? all : commands.isEmpty() ? "fsck" : all + " and fsck";
  }

  @Override
  public Finding check(DiskState state) throws InterruptedException {
    try {
      if (fileSystem.isPresent()) {
        return checkMounted(state, fileSystem.get());
      }
      try (PrivateDirectory directory = new PrivateDirectory();
          ServedDisk served =
              new ServedDisk(
                  DiskUnderTest.of(state.content(), format),
                  drivers.get(),
                  directory.file("disk.sock"))) {
        Path file = directory.file("disk.img");
        state.content().writeTo(file);
        return run(
            state,
            directory.file("acked"),
            Map.of("FAULTDISK_FILE", file.toString(), "FAULTDISK_URI", served.uri()));
      }
    } catch (MountFailure failed) {
      return Finding.bad(String.valueOf(failed.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the disk that is to be checked", e);
    }
  }

  private Finding checkMounted(DiskState state, KernelFileSystem its)
      throws InterruptedException, MountFailure, IOException {
    StateSlots.Slot slot = slots.take(state.content().size());
    try {
      state.content().writeTo(slot.file());
      slot.mount(its);
      Finding finding =
          run(state, slot.acked(), Map.of("FAULTDISK_DIR", slot.mountPoint().toString()));
      if (finding.good() && fsck) {
        slot.unmount();
        Programs.Ended checked = Programs.tool(slot.checkLine(its));
        if (!checked.good()) {
          return Finding.bad(its.check().get(0) + ": " + checked.describe());
        }
      }
      return finding;
    } finally {
      slots.giveBack(slot);
    }
  }

  private Finding run(DiskState state, Path acked, Map<String, String> where)
      throws InterruptedException, IOException {
    StringBuilder lines = new StringBuilder();
    state.acknowledged().forEach(line -> lines.append(line).append('\n'));
    Files.writeString(acked, lines);
    Map<String, String> environment = new HashMap<>(where);
    environment.put("FAULTDISK_ACKED", acked.toString());
    String said = "";
    for (String command : commands) {
      Programs.Ended ended = Programs.check(List.of("sh", "-c", command), environment, mark.path());
      if (!ended.good()) {
        return Finding.bad("the check: " + ended.describe());
      }
      said += (said.isEmpty() || ended.output().isBlank() ? "" : "\n") + ended.output().strip();
    }
    return new Finding(true, said);
  }

  @Override
  public void recover(DiskUnderTest disk) throws InterruptedException {
    if (fileSystem.isPresent()) {
      try (PrivateDirectory directory = new PrivateDirectory();
          ServedDisk served = new ServedDisk(disk, drivers.get(), directory.file("disk.sock"));
          MountedDisk mounted = new MountedDisk(directory, served.uri(), fileSystem.get())) {
        Path unused = mounted.mountPoint();
      } catch (MountFailure failed) {
        // Recovery may fail; what matters is what it leaves.
      }
    }
  }

  @Override
  public Optional<String> commandLine() {
    return Optional.of(ByHand.check(commands, fsck, fileSystem));
  }

  @Override
  public void close() {
    if (Files.isDirectory(mark.path())) { // else it is closed already
      Leftovers.kill(mark.path());
      mark.close();
    }
    slots.close();
  }
}
