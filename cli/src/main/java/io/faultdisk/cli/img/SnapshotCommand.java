package io.faultdisk.cli.img;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.format.SnapshotInfo;
import io.faultdisk.block.format.SnapshotStore;
import io.faultdisk.block.format.SnapshotStores;
import io.faultdisk.cli.tool.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** {@code snapshot}: lists, takes, applies and deletes internal snapshots. */
final class SnapshotCommand implements ImgCommand {
  /** Longest name that is kept, in bytes. */
  private static final int NAME_BYTES_MAX = 255;

  /** Times are taken in microseconds. */
  private static final int MICRO = 1000;

  @Override
  public String name() {
    return "snapshot";
  }

  @Override
  public String synopsis() {
    return "[--object objectdef] [--image-opts] [-U] [-q] [-l | -a snapshot | -c snapshot |"
        + " -d snapshot] filename";
  }

  /** What is to be done, by its letter, and the snapshot that it is about. */
  private record Action(int letter, String snapshot) {}

  @Override
  public int run(ImgSession session, List<String> args) throws Refusal {
    CommandLine line =
        new CommandLine(
            session,
            name(),
            args,
            "la:c:d:qU",
            CommandLine.IMAGE_OPTS_OPTION,
            CommandLine.FORCE_SHARE_OPTION);
    Optional<Action> action = Optional.empty();
    OpenFlags flags = ImageSource.WRITE;
    boolean imageOptions = false;
    boolean forceShare = false;
    for (int o = line.next(); o != CommandLine.END; o = line.next()) {
      switch (o) {
        case 'l', 'a', 'c', 'd' -> {
          if (action.isPresent()) {
            throw session.misused("Cannot mix '-l', '-a', '-c', '-d'");
          }
          action = Optional.of(new Action(o, o == 'l' ? "" : line.argument()));
          flags = flags.withReadOnly(o == 'l');
        }
        case 'q' -> {} // there is nothing to be quiet about
        case 'U' -> forceShare = true;
        case CommandLine.IMAGE_OPTS -> imageOptions = true;
        default -> throw new IllegalStateException("option " + o);
      }
    }
    ImageSource image =
        new ImageSource(line.onlyImage(), Optional.empty(), imageOptions, forceShare);
    try (BlockBackend opened = image.open(session, flags)) {
      if (action.isPresent()) {
        String snapshot = action.get().snapshot();
        switch (action.get().letter()) {
          case 'l' -> list(session, opened.root());
          case 'c' -> create(session, opened.root(), snapshot);
          case 'a' -> apply(session, image, opened, snapshot);
          default -> delete(session, opened.root(), snapshot);
        }
      }
    }
    return 0;
  }

  private static void list(ImgSession session, Node image) {
    SnapshotStores.of(image)
        .ifPresent(store -> Snapshots.table(store.snapshots()).forEach(session.console()::line));
  }

  private static void create(ImgSession session, Node image, String name) throws Refusal {
    Instant now = session.clock().now();
    SnapshotInfo wanted =
        new SnapshotInfo(
            "", cut(name), 0, (int) now.getEpochSecond(), now.getNano() / MICRO * MICRO, 0, 0);
    Optional<SnapshotStore> store = SnapshotStores.of(image);
    try {
      if (store.isEmpty()) {
        throw new BlockIoException(Errno.ENOTSUP);
      }
      store.get().createSnapshot(wanted);
    } catch (BlockIoException e) {
      throw session.failed(
          "Could not create snapshot '"
              + name
              + "': -"
              + e.errno().number()
              + " ("
              + e.errno().text()
              + ")");
    }
  }

  /** What fits; a character that is cut in two does not. */
  private static String cut(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= NAME_BYTES_MAX) {
      return name;
    }
    int end = NAME_BYTES_MAX;
    while ((bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    return new String(Arrays.copyOf(bytes, end), StandardCharsets.UTF_8);
  }

  private static void apply(
      ImgSession session, ImageSource source, BlockBackend image, String snapshot) throws Refusal {
    String failed = "Could not apply snapshot '" + snapshot + "': ";
    Node root = image.root();
    if (!root.bitmaps().all().isEmpty()) {
      throw session.failed(failed + "Device has active dirty bitmaps");
    }
    Optional<SnapshotStore> store = SnapshotStores.of(root);
    if (store.isEmpty()) {
      if (SnapshotStores.soleStorage(root).isPresent()) {
        // QEMU closes the format and opens it again around what happens below; what opening has to
        // say is said twice.
        image.close();
        source.open(session, ImageSource.WRITE).close();
      }
      throw session.failed(failed + "Block driver does not support snapshots");
    }
    try {
      store.get().applySnapshot(snapshot);
    } catch (BlockIoException e) {
      throw session.failed(failed + "Failed to load snapshot: " + e.errno().text());
    }
  }

  private static void delete(ImgSession session, Node image, String name) throws Refusal {
    String failed = "Could not delete snapshot '" + name + "': ";
    Optional<SnapshotStore> store = SnapshotStores.of(image);
    List<SnapshotInfo> snapshots = store.isPresent() ? store.get().snapshots() : List.of();
    for (SnapshotInfo snapshot : snapshots) {
      if (snapshot.name().equals(name)) {
        try {
          store
              .orElseThrow()
              .deleteSnapshot(Optional.of(snapshot.id()), Optional.of(snapshot.name()));
          return;
        } catch (UsageException refused) {
          throw session.failed(failed, refused);
        }
      }
    }
    throw session.failed(failed + "snapshot not found");
  }
}
