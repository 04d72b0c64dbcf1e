package io.faultdisk.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.block.options.Options;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opening, naming and changing backing files. Texts observed with qemu-io 7.2 on qcow2. */
final class BackingFilesTest {
  @TempDir Path directory;
  private Layers layers;

  @BeforeEach
  void open() {
    layers = new Layers(directory);
  }

  @AfterEach
  void close() {
    layers.close();
  }

  /** An image file that names a backing file. */
  private BlockBackend image(OpenFlags flags, String stored, String format, String... more)
      throws Exception {
    Path file = directory.resolve("image");
    if (!Files.exists(file)) {
      layers.file("image", 64, '\0');
    }
    String[] all = new String[10 + more.length];
    String[] usual = {
      "driver",
      "layer",
      "node-name",
      "image",
      "file.filename",
      file.toString(),
      "stored",
      stored,
      "stored-format",
      format
    };
    System.arraycopy(usual, 0, all, 0, usual.length);
    System.arraycopy(more, 0, all, usual.length, more.length);
    return layers.open(flags, all);
  }

  @Test
  void aRelativeNameIsSeenFromTheImage() throws Exception {
    layers.file("base", 16, 'b');
    try (BlockBackend disk = image(OpenFlags.TOOL, "base", "raw")) {
      Node backing = disk.root().backing().orElseThrow();
      assertThat(backing.filename()).isEqualTo(directory.resolve("base").toString());
      assertThat(backing.readOnly()).isTrue();
      assertThat(disk.root().fullBackingName()).contains(directory.resolve("base").toString());
      assertThat(disk.root().backingOverridden()).isFalse();
      assertThat(BackingChain.find(disk.root(), "base")).contains(backing);
      assertThat(BackingChain.find(disk.root(), "./base")).contains(backing);
      assertThat(BackingChain.find(disk.root(), "other")).isEmpty();
      assertThat(Layers.picture(disk)).startsWith("bbbb....");
    }
  }

  @Test
  void aBackingFileThatCannotBeOpenedIsNamed() {
    String full = directory.resolve("nonex").toString();
    assertThatThrownBy(() -> image(OpenFlags.TOOL, "nonex", "raw"))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "Could not open backing file: Could not open '"
                + full
                + "': No such file or directory");
    assertThatThrownBy(() -> image(OpenFlags.TOOL, "nonex", "bogus"))
        .hasMessage("Could not open backing file: Unknown driver 'bogus'");
    assertThat(layers.graph.node("image")).isEmpty();
  }

  @Test
  void withoutBackingFileIfTheToolOrTheOptionsSaySo() throws Exception {
    OpenFlags alone = OpenFlags.TOOL.with(OpenFlags.Mode.NO_BACKING);
    try (BlockBackend disk = image(alone, "nonex", "raw")) {
      assertThat(disk.root().backing()).isEmpty();
      assertThat(disk.root().backingReference().orElseThrow().filename()).isEqualTo("nonex");
    }
    Options options = new Options();
    options.put("driver", "layer");
    options.put("stored", "nonex");
    options.put("backing", new JsonNull());
    options.put("file.filename", directory.resolve("image").toString());
    try (BlockBackend disk = layers.graph.open(Optional.empty(), options, OpenFlags.TOOL)) {
      assertThat(disk.root().backing()).isEmpty();
      assertThat(disk.root().filename())
          .contains("\"backing\": null")
          .contains("\"driver\": \"layer\"");
    }
    assertThat(layers.messages).isEmpty();
    try (BlockBackend disk = image(OpenFlags.TOOL, "nonex", "raw", "backing", "")) {
      assertThat(disk.root().backing()).isEmpty();
    }
    assertThat(layers.messages)
        .containsExactly(
            "warning: Use of \"backing\": \"\" is deprecated; use \"backing\": null instead");
  }

  @Test
  void aNameWithAnotherBackingFileIsAnObject() throws Exception {
    layers.file("base", 16, 'b');
    Path other = layers.file("other", 16, 'o');
    try (BlockBackend disk =
        image(
            OpenFlags.TOOL,
            "base",
            "raw",
            "backing.driver",
            "raw",
            "backing.file.filename",
            other.toString())) {
      assertThat(disk.root().backingOverridden()).isTrue();
      assertThat(disk.root().filename()).startsWith("json:{").contains(other.toString());
      assertThat(Layers.picture(disk)).startsWith("oooo....");
      assertThat(BackingChain.find(disk.root(), "base")).isEmpty();
      assertThat(BackingChain.find(disk.root(), other.toString())).isPresent();
    }
  }

  /** Where qemu-io goes on until it has no more files to open. */
  @Test
  void imagesThatNameEachOtherAreAnErrorNotAnEndlessWalk() throws Exception {
    Path file = layers.file("image", 64, '\0');
    String named = "json:{\"driver\":\"layer\",\"self\":\"" + file + "\"}";
    OpenFlags reading = OpenFlags.TOOL.withReadOnly(true);
    assertThatThrownBy(() -> layers.open(reading, "driver", "layer", "self", file.toString()))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "Could not open backing file: Could not open backing file: Backing file '"
                + named
                + "' creates an infinite loop.");
  }

  @Test
  void nodesCannotBackThemselves() throws Exception {
    assertThatThrownBy(() -> image(OpenFlags.TOOL, "base", "raw", "backing", "image"))
        .hasMessage("Making 'image' a backing child of 'image' would create a cycle");
    assertThatThrownBy(() -> image(OpenFlags.TOOL, "base", "raw", "backing", "nope"))
        .hasMessage("Could not open backing file: Cannot find device='nope' nor node-name='nope'");
    assertThatThrownBy(
            () ->
                layers.open(
                    OpenFlags.TOOL,
                    "driver",
                    "raw",
                    "file.driver",
                    "memory",
                    "file.size",
                    "64k",
                    "backing.driver",
                    "raw"))
        .hasMessage("Driver doesn't support backing files");
  }

  @Test
  void theBackingFileCanBeExchangedAndTakenAway() throws Exception {
    try (BlockBackend disk = layers.three(OpenFlags.TOOL)) {
      Node top = layers.node("top");
      Node base = layers.node("base");
      assertThat(Layers.picture(disk)).startsWith("aaaa....");
      layers.graph.setBacking(top, Optional.of(base));
      assertThat(layers.graph.node("mid")).isEmpty();
      assertThat(top.backing()).contains(base);
      assertThat(Layers.picture(disk)).startsWith("aaaa....");
      layers.graph.setBacking(top, Optional.empty());
      assertThat(layers.graph.node("base")).isEmpty();
      assertThat(Layers.picture(disk)).isEqualTo("................");
      assertThatThrownBy(() -> layers.graph.setBacking(layers.node("file"), Optional.of(top)))
          .hasMessage("Driver 'memory' of node 'file' does not support backing files");
    }
  }

  @Test
  void aBackingFileIsReadOnlyForItsParentAndSharedForReading() throws Exception {
    try (BlockBackend disk = layers.three(OpenFlags.TOOL)) {
      assertThat(disk.readOnly()).isFalse();
      for (Child child : layers.node("top").children()) {
        if (child.role() == ChildRole.BACKING) {
          assertThat(child.wish().taken()).isEqualTo(Permission.CONSISTENT_READ);
          assertThat(child.wish().shared() & Permission.WRITE).isEqualTo(Permission.WRITE);
        }
      }
      assertThatThrownBy(
              () ->
                  layers.graph.use(
                      layers.node("base"),
                      new Permission.Wish(Permission.WRITE, Permission.ALL),
                      true))
          .hasMessage("Block node is read-only");
      layers.graph.reopenReadOnly(layers.node("base"), false);
      try (BlockBackend writer =
          layers.graph.use(
              layers.node("base"), new Permission.Wish(Permission.WRITE, Permission.ALL), true)) {
        writer.write(0, ByteBuffer.wrap(new byte[] {'w'}), RequestFlags.NONE);
      }
      assertThat(Layers.picture(disk)).startsWith("waaa");
    }
  }

  @Test
  void copyOnReadKeepsWhatCameFromTheBackingFile() throws Exception {
    try (BlockBackend disk = layers.three(OpenFlags.TOOL.withCopyOnRead(true))) {
      Node top = layers.node("top");
      assertThat(top.allocation(0, 4096).allocated()).isFalse();
      byte[] read = new byte[100];
      disk.read(5000, ByteBuffer.wrap(read));
      assertThat(read).containsOnly('a');
      assertThat(top.allocation(4096, 4096).allocated()).isTrue();
      assertThat(top.allocation(0, 4096).allocated()).isFalse();
      layers.graph.setBacking(top, Optional.empty());
      assertThat(Layers.picture(disk)).startsWith(".a......");
    }
  }

  @Test
  void anImageThatIsNoLongerUsableHasNoMedium() throws Exception {
    try (BlockBackend disk = layers.three(OpenFlags.TOOL)) {
      LayerDriver mid = Layers.driver(layers.node("mid"));
      mid.dead = true;
      mid.calls.clear();
      assertThatThrownBy(() -> disk.read(0, ByteBuffer.allocate(512)))
          .isInstanceOfSatisfying(
              BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEDIUM));
      layers.node("mid").flush();
      assertThat(mid.calls).isEmpty();
      disk.close();
      assertThat(mid.calls).isEmpty();
    }
  }
}
