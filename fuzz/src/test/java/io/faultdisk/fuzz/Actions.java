package io.faultdisk.fuzz;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Permission;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.block.format.Amendable;
import io.faultdisk.block.format.BitmapCommands;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.format.Emptyable;
import io.faultdisk.block.format.SnapshotInfo;
import io.faultdisk.block.format.SnapshotStore;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.qcow2.Qcow2Type;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Things to do with an open image, each by a number and a byte that says where or which. */
final class Actions {
  private static final long RANGE_MAX = 1L << 26;
  private static final int ACTIONS = 18;
  private static final int DATA_MAX = 40 << 10;
  private static final String[] AMENDMENTS = {
    "compat=0.10",
    "compat=1.1",
    "lazy_refcounts=on",
    "lazy_refcounts=off",
    "refcount_bits=64",
    "refcount_bits=8",
    "size=96K",
    "data_file_raw=on"
  };

  /** Actions that free nothing: read, compress, flush, map. */
  private static final Set<Integer> KEEPERS = Set.of(0, 3, 7, 17);

  private final Session session;
  private final BlockBackend image;
  private final boolean sound;

  /**
   * Whether clusters may have been freed. Then a sound image takes no compressed data any more:
   * they may be written into a cluster that others use by now, as in QEMU.
   */
  private boolean freed;

  /**
   * Actions on one opening.
   *
   * @param sound whether what was written must be read again
   */
  Actions(Session session, boolean sound) {
    this.session = session;
    this.image = session.image();
    this.sound = sound;
  }

  /** Something that may fail. */
  private interface Action {
    void run() throws UsageException, BlockIoException;
  }

  /** Does one; that it fails is all right. Returns what it was. */
  String run(int action, int argument) {
    try {
      return perform(action, argument);
    } catch (UsageException | BlockIoException e) {
      return "action " + action % ACTIONS + ", which failed: " + e.getMessage();
    } finally {
      freed |= !KEEPERS.contains(action % ACTIONS);
    }
  }

  private String perform(int action, int argument) throws UsageException, BlockIoException {
    return switch (action % ACTIONS) {
      case 0 -> named("read", () -> read(argument));
      case 1, 2 -> named("write", () -> write(argument, 0));
      case 3 ->
          sound && freed
              ? "no compression"
              : named("compress", () -> write(argument, RequestFlags.COMPRESSED));
      case 4 -> named("zero", () -> zero(argument, 0));
      case 5 -> named("unmap", () -> zero(argument, RequestFlags.MAY_UNMAP));
      case 6 -> named("discard", () -> discard(argument));
      case 7 -> named("flush", image::flush);
      case 8 -> named("take a snapshot", () -> take(argument));
      case 9 -> named("apply a snapshot", () -> snapshots().applySnapshot(snapshot(argument)));
      case 10 ->
          named(
              "delete a snapshot",
              () -> snapshots().deleteSnapshot(Optional.of(snapshot(argument)), Optional.empty()));
      case 11 -> named("change bitmaps", () -> bitmap(argument));
      case 12 -> named("resize", () -> resize(argument));
      case 13 -> named("VM state", () -> vmState(argument));
      case 14 -> named("make empty", () -> session.as(Emptyable.class).makeEmpty());
      case 15 -> named("reopen", () -> reopen(argument));
      case 16 -> named("amend", () -> amend(argument));
      default -> named("map", () -> map(argument));
    };
  }

  private static String named(String name, Action action) throws UsageException, BlockIoException {
    action.run();
    return name;
  }

  private long clusterSize() throws BlockIoException {
    return image.root().driver().info().clusterSize();
  }

  /** One of the places where something may happen. */
  private long offset(int argument) throws BlockIoException {
    long length = image.length();
    long cluster = clusterSize();
    long wanted =
        switch (argument & 7) {
          case 0 -> 0;
          case 1 -> cluster;
          case 2 -> 3 * cluster + 512;
          case 3 -> 5 * cluster;
          case 4 -> length / 2;
          case 5 -> length - cluster;
          case 6 -> length - 700;
          default -> cluster * cluster / 8;
        };
    return Math.clamp(wanted, 0, length);
  }

  private long bytes(int argument, long offset) throws BlockIoException {
    long cluster = clusterSize();
    long left = image.length() - offset;
    long wanted =
        switch (argument >> 3 & 7) {
          case 0 -> cluster;
          case 1 -> 512;
          case 2 -> 2 * cluster;
          case 3 -> 1;
          case 4 -> cluster + 1000;
          case 5 -> 9 * cluster;
          case 6 -> 1 << 16;
          default -> left;
        };
    return Math.min(left, wanted);
  }

  private void read(int argument) throws BlockIoException {
    long offset = offset(argument);
    long bytes = Math.min(bytes(argument, offset), DATA_MAX);
    image.read(offset, ByteBuffer.allocate((int) bytes));
  }

  private void write(int argument, int flags) throws BlockIoException {
    long offset = offset(argument);
    byte[] data = new byte[(int) Math.min(bytes(argument, offset), DATA_MAX)];
    Arrays.fill(data, (byte) (argument | 1));
    image.write(offset, ByteBuffer.wrap(data), flags);
    requireRead(offset, data);
  }

  private void zero(int argument, int flags) throws BlockIoException {
    long offset = offset(argument);
    long bytes = Math.min(bytes(argument, offset), RANGE_MAX);
    image.writeZeroes(offset, bytes, flags);
    requireRead(offset, new byte[(int) Math.min(bytes, DATA_MAX)]);
  }

  private void requireRead(long offset, byte[] expected) throws BlockIoException {
    if (!sound) {
      return;
    }
    byte[] found = new byte[expected.length];
    image.read(offset, ByteBuffer.wrap(found));
    int difference = Arrays.mismatch(found, expected);
    if (difference >= 0) {
      throw new AssertionError("written at " + offset + ", other at " + (offset + difference));
    }
  }

  private void discard(int argument) throws BlockIoException {
    long offset = offset(argument);
    image.discard(offset, Math.min(bytes(argument, offset), RANGE_MAX));
  }

  private SnapshotStore snapshots() {
    return session.as(SnapshotStore.class);
  }

  private void take(int argument) throws BlockIoException {
    snapshots().createSnapshot(new SnapshotInfo("", "s" + argument, 0, 1, 2, 3, -1));
  }

  private String snapshot(int argument) {
    List<SnapshotInfo> all = snapshots().snapshots();
    return all.isEmpty() ? "1" : all.get(argument % all.size()).id();
  }

  private void bitmap(int argument) throws UsageException {
    BitmapCommands commands = new BitmapCommands(image.root());
    List<String> names = image.root().bitmaps().all().stream().map(each -> each.name()).toList();
    String name = names.isEmpty() ? "b" : names.get((argument >> 3) % names.size());
    switch (argument & 7) {
      case 0, 1 ->
          commands.add(
              "b" + argument,
              argument < 128 ? OptionalLong.empty() : OptionalLong.of(512L << (argument >> 3 & 7)),
              (argument & 1) == 0,
              BitmapCommands.Mode.ENABLED);
      case 2 -> commands.remove(name);
      case 3 -> commands.clear(name);
      case 4 -> commands.disable(name);
      case 5 -> commands.enable(name);
      default -> commands.merge(name, image.root(), names.isEmpty() ? name : names.getFirst());
    }
  }

  private void resize(int argument) throws BlockIoException, UsageException {
    image.requirePermissions(Permission.RESIZE);
    long length = image.length();
    long size =
        switch (argument & 7) {
          case 0 -> length + 512;
          case 1 -> length + (1 << 20);
          case 2 -> length / 2;
          case 3 -> 0;
          case 4 -> length + 5 * clusterSize() * clusterSize();
          case 5 -> length - 512;
          case 6 -> 64 << 10;
          default -> length * 3;
        };
    Preallocation[] modes = Preallocation.values();
    boolean little = size - length < (4 << 20);
    Preallocation mode = little ? modes[(argument >> 3) % modes.length] : Preallocation.OFF;
    image.truncate(Math.max(0, size & -512), true, mode);
  }

  private void vmState(int argument) throws BlockIoException {
    byte[] data = new byte[700];
    Arrays.fill(data, (byte) 7);
    image.writeVmState(argument * 300L, ByteBuffer.wrap(data));
    image.readVmState(argument * 300L, ByteBuffer.allocate(data.length));
  }

  private void reopen(int argument) throws UsageException {
    image.reopen(Session.WRITE.withReadOnly((argument & 1) != 0), new Options());
    if ((argument & 1) == 0) {
      image.requirePermissions(Permission.WRITE);
    }
  }

  private void amend(int argument) throws UsageException, BlockIoException {
    CreateOptions options = new CreateOptions(new Qcow2Type().amendOptions());
    options.parse(AMENDMENTS[argument % AMENDMENTS.length]);
    image.requirePermissions(Permission.RESIZE);
    session.as(Amendable.class).amend(options, false, (done, total) -> {});
  }

  private void map(int argument) throws BlockIoException {
    long offset = offset(argument);
    image.statusThroughChain(offset, image.length() - offset);
    image.allocationThroughChain(offset, image.length() - offset);
  }
}
