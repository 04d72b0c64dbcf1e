package io.faultdisk.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.file.DeviceType;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.raw.RawType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices, as far as everybody has them. Texts observed with qemu-io 7.2. */
final class DevicesTest {
  private static final OpenFlags READING = OpenFlags.TOOL.withReadOnly(true);

  @TempDir Path directory;

  private final BlockGraph graph =
      new BlockGraph(
          List.of(new FileType(), DeviceType.device(), new RawType()), Turns.free(), text -> {});

  @Test
  void theNameOfADeviceStandsForItsDriver() throws Exception {
    try (BlockBackend disk = graph.open(Optional.of("/dev/null"), new Options(), READING)) {
      Node file = disk.root().primaryChild().orElseThrow().node();
      assertThat(file.type().name()).isEqualTo("host_device");
      assertThat(disk.length()).isZero();
    }
  }

  @Test
  void eachDriverRefusesTheOthersFiles() throws Exception {
    Path file = Files.write(directory.resolve("disk"), new byte[512]);
    assertThatThrownBy(() -> open("host_device", file.toString()))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "'host_device' driver requires '"
                + file
                + "' to be either a character or block device");
    assertThatThrownBy(() -> open("file", "/dev/null"))
        .hasMessage("'file' driver requires '/dev/null' to be a regular file");
  }

  @Test
  void aDeviceKeepsItsLength() throws Exception {
    OpenFlags writing = OpenFlags.TOOL.with(OpenFlags.Mode.RESIZE);
    Options raw = Options.of(Map.of("driver", "raw"));
    try (BlockBackend disk = graph.open(Optional.of("/dev/null"), raw, writing)) {
      assertThatThrownBy(() -> disk.truncate(512, true, Preallocation.OFF))
          .isInstanceOfSatisfying(
              BlockIoException.class,
              e -> assertThat(e.reason()).isEqualTo("Cannot resize device files"));
      assertThatThrownBy(() -> disk.truncate(512, false, Preallocation.OFF))
          .isInstanceOfSatisfying(
              BlockIoException.class,
              e -> assertThat(e.reason()).isEqualTo("Cannot grow device files"));
      disk.truncate(0, true, Preallocation.OFF);
    }
  }

  private BlockBackend open(String driver, String filename) throws UsageException {
    Options options = Options.of(Map.of("driver", driver, "filename", filename));
    return graph.open(Optional.empty(), options, READING);
  }
}
