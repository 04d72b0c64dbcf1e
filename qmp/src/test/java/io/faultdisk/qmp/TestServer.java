package io.faultdisk.qmp;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Messages;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.compress.CompressType;
import io.faultdisk.block.copyonread.CopyOnReadType;
import io.faultdisk.block.file.DeviceType;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.logwrites.LogWritesType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.nbd.NbdType;
import io.faultdisk.block.nullco.NullType;
import io.faultdisk.block.qcow2.Qcow2Type;
import io.faultdisk.block.quorum.QuorumType;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.daemon.StorageDaemon;
import io.faultdisk.daemon.objects.UserObjects;
import io.faultdisk.nbd.server.ListenAddress;
import io.faultdisk.nbd.server.Listening;
import io.faultdisk.rules.Dialect;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Our daemon in this process, with a monitor on a socket. */
final class TestServer implements AutoCloseable {
  private final CountDownLatch quit = new CountDownLatch(1);
  private final StorageDaemon daemon;
  private final QmpServer server;
  private final Path socket;

  /** One that takes and refuses what QEMU does. */
  TestServer(Path directory) throws UsageException, IOException {
    this(directory, Dialect.QEMU, false);
  }

  TestServer(Path directory, Dialect dialect, boolean pretty) throws UsageException, IOException {
    socket = directory.resolve("ours.sock");
    daemon =
        new StorageDaemon(
            dialect, objects -> drivers(dialect, objects), SILENT, TestServer::ioCommand);
    server = new QmpServer(daemon, new QmpVersion(7, 2, 22, "faultdisk"), dialect, quit::countDown);
    server.addMonitor(
        "test",
        new ListeningDevice(
            Listening.open(new ListenAddress.Unix(socket.toString()), Dialect.QEMU)),
        pretty);
  }

  /**
   * {@code read} reads the first sector, {@code die} ends the thread; everything else is only told.
   */
  private static String ioCommand(BlockBackend image, String line) {
    try (image) {
      if (line.equals("die")) {
        throw new AssertionError("as was asked for");
      }
      if (line.equals("read")) {
        image.read(0, ByteBuffer.allocateDirect(512));
      }
      return "ran " + line;
    } catch (BlockIoException failed) {
      return failed.errno().name();
    }
  }

  private static List<DriverType> drivers(Dialect dialect, UserObjects objects) {
    return List.of(
        new FileType(),
        DeviceType.device(),
        DeviceType.cdrom(),
        new RawType(),
        new Qcow2Type(),
        new BlkdebugType(dialect, Optional.empty()),
        new CompressType(),
        new CopyOnReadType(),
        new QuorumType(),
        new NbdType(objects),
        new NullType(),
        new MemoryType(),
        new LogWritesType());
  }

  private static final Messages SILENT = Messages.to(_ -> {});

  Path socket() {
    return socket;
  }

  StorageDaemon daemon() {
    return daemon;
  }

  QmpServer server() {
    return server;
  }

  boolean wasToldToQuit() throws InterruptedException {
    return quit.await(30, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    server.close();
    daemon.close();
  }
}
