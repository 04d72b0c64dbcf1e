package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.faultdisk.base.Errno;
import io.faultdisk.faults.Faults;
import io.faultdisk.rules.RuleBuilder;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Maps files into an {@code Arena} as Lucene does. An IT, because only the jar holds the class for
 * Java 22; by reflection, because the tests are compiled for 17.
 */
class MapIntoArenaIT {
  private static final int SINCE = 22;

  @TempDir Path directory;

  /** Maps five bytes and gives what they are. */
  private static ByteBuffer map(FileChannel channel) throws Exception {
    Class<?> arenas = Class.forName("java.lang.foreign.Arena");
    Method map = FileChannel.class.getMethod("map", MapMode.class, long.class, long.class, arenas);
    try (AutoCloseable arena = (AutoCloseable) arenas.getMethod("ofShared").invoke(null)) {
      Object segment = map.invoke(channel, MapMode.READ_ONLY, 0L, 5L, arena);
      ByteBuffer seen =
          (ByteBuffer)
              Class.forName("java.lang.foreign.MemorySegment")
                  .getMethod("asByteBuffer")
                  .invoke(segment);
      return ByteBuffer.allocate(5).put(seen).flip();
    }
  }

  @Test
  void aFileIsMappedUnlessARuleSaysNo() throws Exception {
    assumeThat(Runtime.version().feature())
        .as("skipped: needs Java " + SINCE)
        .isGreaterThanOrEqualTo(SINCE);
    Faults faults = Faults.create();
    try (FileSystem files = FaultFileSystem.over(FileSystems.getDefault()).faults(faults).open()) {
      Path file = files.getPath(directory.resolve("file").toString());
      Files.writeString(file, "abcde");
      try (FileChannel channel = FileChannel.open(file)) {
        assertThat(map(channel)).isEqualTo(ByteBuffer.wrap(new byte[] {'a', 'b', 'c', 'd', 'e'}));
        faults.add(RuleBuilder.on("map").fail(Errno.ENOMEM));
        assertThatThrownBy(() -> map(channel))
            .isInstanceOf(InvocationTargetException.class)
            .hasRootCauseMessage("Cannot allocate memory");
      }
    }
  }
}
