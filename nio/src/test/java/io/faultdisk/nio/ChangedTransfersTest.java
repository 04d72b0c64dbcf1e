package io.faultdisk.nio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.faults.Faults;
import io.faultdisk.rules.RuleBuilder;
import io.faultdisk.rules.TearWrite;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Rules that change what a read or write moves, or fail it when it is done: the same by every way
 * to move bytes, on Java's own file system, with power loss followed and without.
 */
class ChangedTransfersTest {
  private static final int SIZE = 2048;

  @TempDir Path directory;

  private Faults faults;
  private FaultFileSystem files;
  private Path file;
  private Path inner;

  @BeforeEach
  void open() throws IOException {
    faults = Faults.create();
    files = FaultFileSystem.over(FileSystems.getDefault()).faults(faults).open();
    inner = Files.write(directory.resolve("file"), bytes('a', SIZE));
    file = files.wrap(inner);
  }

  /** The same over a file system that follows what a power cut would leave. */
  private void followed() throws IOException {
    files =
        FaultFileSystem.over(FileSystems.getDefault())
            .faults(faults)
            .powerLoss(Durability.POSIX)
            .open();
    file = files.wrap(inner);
  }

  private static byte[] bytes(char letter, int count) {
    return String.valueOf(letter).repeat(count).getBytes(UTF_8);
  }

  /** Ways to write a whole file of {@link #SIZE} bytes that is there already. */
  enum Writer {
    CHANNEL {
      @Override
      void write(Path file, byte[] data) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          assertThat(channel.write(ByteBuffer.wrap(data))).isEqualTo(data.length);
          assertThat(channel.position()).isEqualTo(data.length);
        }
      }
    },
    READABLE_CHANNEL {
      @Override
      void write(Path file, byte[] data) throws IOException {
        try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
          ByteBuffer source = ByteBuffer.allocateDirect(data.length).put(data).flip();
          assertThat(channel.write(source)).isEqualTo(data.length);
          assertThat(source.hasRemaining()).isFalse();
        }
      }
    },
    AT_OFFSET {
      @Override
      void write(Path file, byte[] data) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          assertThat(channel.write(ByteBuffer.wrap(data), 0)).isEqualTo(data.length);
        }
      }
    },
    GATHERING {
      @Override
      void write(Path file, byte[] data) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          ByteBuffer one = ByteBuffer.wrap(data, 0, 700);
          ByteBuffer other = ByteBuffer.wrap(data, 700, data.length - 700);
          assertThat(channel.write(new ByteBuffer[] {one, other})).isEqualTo(data.length);
          assertThat(other.hasRemaining()).isFalse();
        }
      }
    },
    STREAM {
      @Override
      void write(Path file, byte[] data) throws IOException {
        try (OutputStream stream = Files.newOutputStream(file, StandardOpenOption.WRITE)) {
          stream.write(data);
        }
      }
    },
    ASYNCHRONOUS {
      @Override
      void write(Path file, byte[] data) throws IOException {
        try (AsynchronousFileChannel channel =
            AsynchronousFileChannel.open(file, StandardOpenOption.WRITE)) {
          assertThat(channel.write(ByteBuffer.wrap(data), 0).get()).isEqualTo(data.length);
        } catch (ExecutionException e) {
          throw (IOException) e.getCause();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    },
    TRANSFER_FROM {
      @Override
      void write(Path file, byte[] data) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          assertThat(
                  channel.transferFrom(
                      Channels.newChannel(new ByteArrayInputStream(data)), 0, data.length))
              .isEqualTo(data.length);
        }
      }
    };

    abstract void write(Path file, byte[] data) throws IOException;
  }

  /** Ways to read a whole file. */
  enum Reader {
    CHANNEL {
      @Override
      byte[] read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
          ByteBuffer data = ByteBuffer.allocateDirect(SIZE + 1);
          assertThat(channel.read(data)).isEqualTo(SIZE);
          return array(data.flip());
        }
      }
    },
    AT_OFFSET {
      @Override
      byte[] read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
          ByteBuffer data = ByteBuffer.allocate(SIZE);
          assertThat(channel.read(data, 0)).isEqualTo(SIZE);
          return array(data.flip());
        }
      }
    },
    SCATTERING {
      @Override
      byte[] read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
          ByteBuffer data = ByteBuffer.allocate(SIZE);
          ByteBuffer first = data.slice(0, 700);
          assertThat(channel.read(new ByteBuffer[] {first, data.slice(700, SIZE - 700)}))
              .isEqualTo(SIZE);
          assertThat(channel.position()).isEqualTo(SIZE);
          assertThat(first.hasRemaining()).isFalse();
          return array(data);
        }
      }
    },
    STREAM {
      @Override
      byte[] read(Path file) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
          return stream.readNBytes(SIZE);
        }
      }
    },
    ASYNCHRONOUS {
      @Override
      byte[] read(Path file) throws IOException {
        try (AsynchronousFileChannel channel =
            AsynchronousFileChannel.open(file, StandardOpenOption.READ)) {
          ByteBuffer data = ByteBuffer.allocate(SIZE);
          assertThat(channel.read(data, 0).get()).isEqualTo(SIZE);
          return array(data.flip());
        } catch (ExecutionException | InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    },
    TRANSFER_TO {
      @Override
      byte[] read(Path file) throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        try (FileChannel channel = FileChannel.open(file)) {
          assertThat(channel.transferTo(0, SIZE, Channels.newChannel(data))).isEqualTo(SIZE);
        }
        return data.toByteArray();
      }
    };

    abstract byte[] read(Path file) throws IOException;

    static byte[] array(ByteBuffer data) {
      byte[] array = new byte[data.remaining()];
      data.get(array);
      return array;
    }
  }

  private static int differentBits(byte[] one, byte[] other) {
    assertThat(one).hasSameSizeAs(other);
    byte[] difference = new byte[one.length];
    for (int i = 0; i < one.length; i++) {
      difference[i] = (byte) (one[i] ^ other[i]);
    }
    return BitSet.valueOf(difference).cardinality();
  }

  @ParameterizedTest
  @EnumSource
  void aDroppedWriteIsAcknowledgedAndNotStored(Writer writer) throws IOException {
    faults.add(RuleBuilder.on("write").once().dropWrite());
    writer.write(file, bytes('b', SIZE));
    assertThat(inner).hasBinaryContent(bytes('a', SIZE));
    writer.write(file, bytes('b', SIZE));
    assertThat(inner).hasBinaryContent(bytes('b', SIZE));
  }

  @ParameterizedTest
  @EnumSource
  void aDroppedWriteIsNotThereAfterAPowerCutEither(Writer writer) throws IOException {
    followed();
    faults.add(RuleBuilder.on("write").dropWrite());
    writer.write(file, bytes('b', SIZE));
    try (FaultFileSystem later = files.cutPower(PowerCut.keepAll())) {
      assertThat(Files.readAllBytes(later.wrap(inner))).isEqualTo(bytes('a', SIZE));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCorruptWriteIsStoredSo(Writer writer) throws IOException {
    faults.add(RuleBuilder.on("write").corrupt(3));
    writer.write(file, bytes('b', SIZE));
    assertThat(differentBits(Files.readAllBytes(inner), bytes('b', SIZE))).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource
  void aTornWriteStoresItsFirstSectors(Writer writer) throws IOException {
    faults.add(RuleBuilder.on("write").tearWrite(1, TearWrite.Then.ERROR));
    assertThatThrownBy(() -> writer.write(file, bytes('b', SIZE)))
        .isInstanceOf(IOException.class)
        .hasMessage("Input/output error");
    assertThat(inner).hasContent("b".repeat(512) + "a".repeat(SIZE - 512));
  }

  @ParameterizedTest
  @EnumSource
  void aWriteThatFailsAfterwardsIsDone(Writer writer) throws IOException {
    faults.add(RuleBuilder.on("write").failAfter(Errno.ENOSPC));
    assertThatThrownBy(() -> writer.write(file, bytes('b', SIZE)))
        .isInstanceOf(IOException.class)
        .hasMessage("No space left on device");
    assertThat(inner).hasBinaryContent(bytes('b', SIZE));
  }

  @ParameterizedTest
  @EnumSource
  void aCorruptReadIsWrongOnceAndNotOnTheDisk(Reader reader) throws IOException {
    faults.add(RuleBuilder.on("read").once().corrupt(5));
    assertThat(differentBits(reader.read(file), bytes('a', SIZE))).isEqualTo(5);
    assertThat(reader.read(file)).isEqualTo(bytes('a', SIZE));
    assertThat(inner).hasBinaryContent(bytes('a', SIZE));
  }

  @Test
  void onlyBitsInsideTheRangeAreFlipped() throws IOException {
    faults.add(RuleBuilder.on("read").range(1000, 1).corrupt(8));
    byte[] expected = bytes('a', SIZE);
    expected[1000] = (byte) ~expected[1000];
    assertThat(Files.readAllBytes(file)).isEqualTo(expected);
  }

  @Test
  void aFailedWriteLeavesThePositionForTheNextTry() throws IOException {
    faults.add(RuleBuilder.on("write").once().failAfter(Errno.EIO));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.position(10);
      ByteBuffer data = ByteBuffer.wrap(bytes('b', 5));
      assertThatThrownBy(() -> channel.write(data)).hasMessage("Input/output error");
      assertThat(channel.position()).isEqualTo(10);
      assertThat(channel.write(data)).isEqualTo(5);
      assertThat(channel.position()).isEqualTo(15);
    }
  }

  @Test
  void aFileGrowsByADroppedWrite() throws IOException {
    faults.add(RuleBuilder.on("write").dropWrite());
    for (OpenOption[] options :
        new OpenOption[][] {
          {StandardOpenOption.APPEND}, {StandardOpenOption.APPEND, StandardOpenOption.SYNC}
        }) {
      Files.write(file, new byte[] {1, 2, 3}, options);
    }
    try (OutputStream stream = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
      stream.write(1);
    }
    ByteBuffer expected = ByteBuffer.allocate(SIZE + 7).put(bytes('a', SIZE));
    assertThat(inner).hasBinaryContent(expected.array());
  }

  @Test
  void aTornWriteMayTakeThePowerWithIt() throws IOException {
    followed();
    faults.add(RuleBuilder.on("write").tearWrite(1, TearWrite.Then.POWER_CUT));
    assertThatThrownBy(() -> Files.write(file, bytes('b', SIZE), StandardOpenOption.WRITE))
        .isInstanceOf(IOException.class)
        .hasMessage("the power was cut");
    assertThatThrownBy(() -> Files.size(file)).hasMessageContaining("the power was cut");
    try (FaultFileSystem later = files.cutPower(PowerCut.keepAll())) {
      assertThat(Files.readString(later.wrap(inner)))
          .isEqualTo("b".repeat(512) + "a".repeat(SIZE - 512));
    }
  }

  @Test
  void aSyncThatFailsAfterwardsHasMadeDurable() throws IOException {
    followed();
    faults.add(RuleBuilder.on("fsync").failAfter(Errno.EIO));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes('b', SIZE)));
      assertThatThrownBy(() -> channel.force(true)).hasMessage("Input/output error");
    }
    assertThat(faults.epoch()).isEqualTo(1);
    try (FaultFileSystem later = files.cutPower(PowerCut.dropAll())) {
      assertThat(Files.readAllBytes(later.wrap(inner))).isEqualTo(bytes('b', SIZE));
    }
  }

  @Test
  void copiesAreChangedLikeOtherWrites() throws IOException {
    Path copy = file.resolveSibling("copy");
    faults.add(
        RuleBuilder.on("write").path("copy").once().tearWrite(2, TearWrite.Then.SUCCESS),
        RuleBuilder.on("write").path("copy").occurrence(2).dropWrite(),
        RuleBuilder.on("write").path("copy").failAfter(Errno.EIO));
    Files.copy(file, copy);
    assertThat(directory.resolve("copy"))
        .hasBinaryContent(ByteBuffer.allocate(SIZE).put(bytes('a', 1024)).array());
    Files.delete(copy);
    Files.copy(file, copy);
    assertThat(directory.resolve("copy")).hasBinaryContent(new byte[SIZE]);
    Files.delete(copy);
    assertThatThrownBy(() -> Files.copy(file, copy)).hasMessageContaining("Input/output error");
    assertThat(directory.resolve("copy")).hasBinaryContent(bytes('a', SIZE));
    faults.clear();
    faults.add(RuleBuilder.on("read").path("file").corrupt(7));
    Files.delete(copy);
    Files.copy(file, copy);
    assertThat(differentBits(Files.readAllBytes(directory.resolve("copy")), bytes('a', SIZE)))
        .isEqualTo(7);
  }

  @Test
  void transfersBetweenChannelsAreChangedByEither() throws IOException {
    Path other = file.resolveSibling("other");
    try (FileChannel from = FileChannel.open(file);
        FileChannel to =
            FileChannel.open(other, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      faults.add(RuleBuilder.on("write").path("other").once().dropWrite());
      assertThat(from.transferTo(0, SIZE, to)).isEqualTo(SIZE);
      assertThat(directory.resolve("other")).hasBinaryContent(new byte[SIZE]);
      faults.add(RuleBuilder.on("read").path("file").corrupt(2));
      assertThat(to.transferFrom(from, 0, SIZE)).isEqualTo(SIZE);
      assertThat(from.position()).isEqualTo(SIZE);
    }
    assertThat(differentBits(Files.readAllBytes(directory.resolve("other")), bytes('a', SIZE)))
        .isEqualTo(2);
  }

  @Test
  void aRuleThatAnEventArmsDisturbsNothingThatItCannotChange() throws IOException {
    faults.addText(
        """
        [drop-write]
        event = "store"
        [inject-corruption]
        event = "store"
        [tear-write]
        event = "store"
        [inject-error]
        event = "store"
        when = "after"
        """);
    faults.event("store");
    faults.check("store");
    Files.move(file, file.resolveSibling("moved"));
    try (FileChannel channel =
        FileChannel.open(file.resolveSibling("moved"), StandardOpenOption.WRITE)) {
      channel.truncate(5);
      channel.lock().close();
      assertThatThrownBy(() -> channel.force(true)).hasMessage("Input/output error");
    }
  }
}
