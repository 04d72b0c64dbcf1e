package io.faultdisk.block.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.bitmap.DirtyBitmap;
import io.faultdisk.block.format.BitmapCommands.Mode;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.raw.RawType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bitmaps of a node, and what requests do to them. */
class BitmapCommandsTest {
  private static final OptionalLong BLOCK = OptionalLong.of(4096);

  private final BlockGraph graph =
      new BlockGraph(List.of(new RawType(), new MemoryType()), Turns.free(), warning -> {});
  private BlockBackend disk;
  private Node node;
  private BitmapCommands commands;

  @BeforeEach
  void open() throws UsageException {
    Options options = Options.parse("driver=raw,file.driver=memory,file.size=1M", warning -> {});
    disk = graph.open(Optional.empty(), options, OpenFlags.TOOL);
    node = disk.root();
    commands = new BitmapCommands(node);
  }

  @AfterEach
  void close() {
    graph.close();
  }

  @Test
  void writesZeroWritesAndDiscardsAreRecorded() throws Exception {
    DirtyBitmap bitmap = commands.add("b", BLOCK, false, Mode.ENABLED);
    disk.write(0, ByteBuffer.allocate(512), 0);
    disk.writeZeroes(8192, 4096, 0);
    disk.discard(65536, 8192);
    disk.read(16384, ByteBuffer.allocate(4096));
    assertThat(bitmap.count()).isEqualTo(4 * 4096);
    assertThat(bitmap.isDirty(8192)).isTrue();
    assertThat(bitmap.isDirty(16384)).isFalse();
  }

  @Test
  void aDisabledBitmapKeepsWhatItHas() throws Exception {
    DirtyBitmap bitmap = commands.add("b", BLOCK, false, Mode.ENABLED);
    disk.write(0, ByteBuffer.allocate(4096), 0);
    commands.disable("b");
    disk.write(4096, ByteBuffer.allocate(4096), 0);
    assertThat(bitmap.count()).isEqualTo(4096);
    commands.enable("b");
    disk.write(4096, ByteBuffer.allocate(4096), 0);
    assertThat(bitmap.count()).isEqualTo(8192);
    commands.clear("b");
    assertThat(bitmap.count()).isZero();
  }

  @Test
  void growingTheDiskAddsCleanBits() throws Exception {
    DirtyBitmap bitmap = commands.add("b", OptionalLong.empty(), false, Mode.ENABLED);
    disk.truncate(2 << 20, true, Preallocation.OFF);
    assertThat(bitmap.size()).isEqualTo(2 << 20);
    assertThat(bitmap.count()).isZero();
    disk.write((2 << 20) - 512, ByteBuffer.allocate(512), 0);
    assertThat(bitmap.count()).isEqualTo(65536);
  }

  @Test
  void aReadOnlyBitmapKeepsTheDiskFromBeingChanged() throws Exception {
    commands.add("b", BLOCK, false, Mode.ENABLED).readOnly(true);
    assertThatThrownBy(() -> disk.write(0, ByteBuffer.allocate(512), 0))
        .isInstanceOfSatisfying(
            BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
    assertThatThrownBy(() -> disk.discard(0, 512)).isInstanceOf(BlockIoException.class);
    assertThatThrownBy(() -> commands.remove("b"))
        .hasMessage("Bitmap 'b' is readonly and cannot be modified");
  }

  @Test
  void mistakesHaveTheirTexts() throws Exception {
    commands.add("b", BLOCK, false, Mode.DISABLED);
    assertThatThrownBy(() -> commands.add("b", BLOCK, false, Mode.ENABLED))
        .hasMessage("Bitmap already exists: b");
    assertThatThrownBy(() -> commands.add("", BLOCK, false, Mode.ENABLED))
        .hasMessage("Bitmap name cannot be empty");
    assertThatThrownBy(() -> commands.add("c", OptionalLong.of(1000), false, Mode.ENABLED))
        .hasMessage("Granularity must be power of 2 and at least 512");
    assertThatThrownBy(() -> commands.add("c", BLOCK, true, Mode.ENABLED))
        .hasMessage(
            "Can't store persistent bitmaps to " + node.name() + ": Operation not supported");
    assertThatThrownBy(() -> commands.merge("b", node, "nope"))
        .hasMessage("Dirty bitmap 'nope' not found");
    assertThatThrownBy(() -> commands.remove("nope")).hasMessage("Dirty bitmap 'nope' not found");
    commands.remove("b");
    assertThat(node.bitmaps().isEmpty()).isTrue();
  }
}
