package io.faultdisk.nio;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.stream.Stream;

/** A program that knows nothing of us until its last line; run by {@link DefaultProviderTest}. */
final class DefaultProviderProgram {
  private DefaultProviderProgram() {}

  /** Its argument is an empty directory. */
  public static void main(String[] args) throws IOException {
    Path directory = new File(args[0]).toPath();
    Path log = directory.resolve("log.wal");
    try (FileChannel channel =
        FileChannel.open(log, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(10));
      channel.force(true);
      System.out.println("first fsync");
      try {
        channel.force(true);
        System.out.println("second fsync");
      } catch (IOException e) {
        System.out.println("second fsync: " + e.getMessage());
      }
    }
    System.out.println("file " + log.toFile().length() + " " + log.toUri().getScheme());
    System.out.println("uri " + Path.of(log.toUri()).equals(log));
    try (FileSystem zip =
        FileSystems.newFileSystem(
            URI.create("jar:" + directory.resolve("a.zip").toUri()), Map.of("create", "true"))) {
      Files.writeString(zip.getPath("/f"), "zipped");
    }
    try (FileSystem zip = FileSystems.newFileSystem(directory.resolve("a.zip"))) {
      System.out.println(Files.readString(zip.getPath("/f")));
    }
    try (Stream<Path> all = Files.walk(directory)) {
      System.out.println("walk " + all.count());
    }
    try (InputStream resource =
        DefaultProviderProgram.class.getResourceAsStream("DefaultProviderProgram.class")) {
      System.out.println("resource " + (resource.read() == 0xca));
    }
    System.out.println("receipts " + FaultFileSystem.ofDefault().faults().receipts().size());
  }
}
