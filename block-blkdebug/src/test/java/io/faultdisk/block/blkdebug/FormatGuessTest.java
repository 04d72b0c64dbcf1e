package io.faultdisk.block.blkdebug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Images whose format is not given: what they are taken for, and what a probed raw image refuses.
 */
class FormatGuessTest {
  @TempDir Path temp;

  private Path image(byte[] head) throws Exception {
    byte[] content = new byte[64 << 10];
    System.arraycopy(head, 0, content, 0, head.length);
    return Files.write(temp.resolve("disk.img"), content);
  }

  @ParameterizedTest
  @ValueSource(strings = {"QFI\u00fb\0\0\0\3", "QFI\u00fb\0\0\0\2", "KDMV", "LUKS\u00ba\u00be\0\1"})
  void imageOfAnUnknownFormatIsNotTakenForRaw(String magic) throws Exception {
    Path image = image(magic.getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> TracedDisk.open("file.filename=" + image, OpenFlags.TOOL))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("Unknown driver '");
    assertThat(Files.readAllBytes(image)).startsWith(magic.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void probedRawImageCannotBeTurnedIntoAnotherFormat() throws Exception {
    Path image = image(new byte[0]);
    try (TracedDisk traced = TracedDisk.open("file.filename=" + image, OpenFlags.TOOL)) {
      assertThat(traced.warnings()).hasSize(1);
      assertThat(traced.warnings().get(0)).startsWith("WARNING: Image format was not specified");
      ByteBuffer header = ByteBuffer.allocate(512);
      header.put(0, "QFI\u00fb\0\0\0\3".getBytes(StandardCharsets.ISO_8859_1));
      assertThatThrownBy(() -> traced.disk().write(0, header, 0))
          .isInstanceOf(BlockIoException.class)
          .hasMessageContaining("EPERM");
      traced.disk().write(512, header.duplicate(), 0);
      traced.disk().write(0, ByteBuffer.allocate(100), 0);
    }
    assertThat(Files.readAllBytes(image)[0]).isZero();
  }

  @Test
  void emptyMemoryDiskNeedsNoWarning() throws Exception {
    try (TracedDisk traced = TracedDisk.open("file.driver=memory,file.size=1M", OpenFlags.TOOL)) {
      assertThat(traced.warnings()).isEmpty();
      assertThat(traced.disk().root().type().name()).isEqualTo("raw");
      traced.disk().write(1, ByteBuffer.wrap("QFI".getBytes(StandardCharsets.ISO_8859_1)), 0);
    }
  }
}
