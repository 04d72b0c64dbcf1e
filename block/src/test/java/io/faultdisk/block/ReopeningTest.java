package io.faultdisk.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.block.options.Options;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reopening a graph. Texts observed with qemu-io 7.2. */
final class ReopeningTest {
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

  private BlockBackend raw() throws Exception {
    String file = layers.file("disk", 1024, 'd').toString();
    return layers.open(OpenFlags.TOOL, "driver", "raw", "file.filename", file);
  }

  private static OpenFlags readOnly(BlockBackend disk, boolean on) {
    return disk.root().flags().withReadOnly(on);
  }

  private static Options options(String key, String value) {
    return Options.of(Map.of(key, value));
  }

  @Test
  void optionsPutInForceOnceStayWhenSomethingElseIsChanged() throws Exception {
    try (BlockBackend disk = raw()) {
      disk.reopen(disk.root().flags(), options("offset", "512k"));
      assertThat(disk.length()).isEqualTo(512 * Layers.KIB);
      disk.reopen(readOnly(disk, true), new Options());
      assertThat(disk.length()).isEqualTo(512 * Layers.KIB);
      disk.reopen(disk.root().flags(), options("size", "1k"));
      assertThat(disk.length()).isEqualTo(1024);
    }
  }

  @Test
  void aRefusalLeavesOptionsAndNamesAsTheyWere() throws Exception {
    try (BlockBackend disk = raw()) {
      disk.reopen(disk.root().flags(), options("offset", "4k"));
      String name = disk.root().filename();
      Options bad = options("offset", "8k");
      bad.put("foo", "bar");
      assertThatThrownBy(() -> disk.reopen(readOnly(disk, true), bad))
          .hasMessage("Cannot change the option 'foo'");
      assertThat(disk.length()).isEqualTo(1020 * Layers.KIB);
      assertThat(disk.root().filename()).isEqualTo(name);
      assertThatThrownBy(() -> disk.reopen(disk.root().flags(), options("driver", "layer")))
          .hasMessage("Cannot change the option 'driver'");
      assertThatThrownBy(() -> disk.reopen(disk.root().flags(), options("discard", "foo")))
          .hasMessage("Invalid discard option");
      assertThatThrownBy(() -> disk.reopen(disk.root().flags(), options("file", "foo")))
          .hasMessage("Cannot find device='' nor node-name='foo'");
      assertThat(disk.length()).isEqualTo(1020 * Layers.KIB);
    }
  }

  @Test
  void aChainIsReopenedAndItsBackingFilesStayReadOnly() throws Exception {
    try (BlockBackend disk = layers.three(OpenFlags.TOOL)) {
      LayerDriver top = Layers.driver(layers.node("top"));
      LayerDriver mid = Layers.driver(layers.node("mid"));
      top.calls.clear();
      mid.calls.clear();
      disk.reopen(readOnly(disk, true), options("mood", "good"));
      assertThat(top.calls).containsExactly("flush", "reopen ro", "reopened");
      assertThat(mid.calls).containsExactly("flush", "reopen rw", "reopened");
      assertThat(layers.node("base").readOnly()).isTrue();
      disk.reopen(readOnly(disk, false), new Options());
      assertThat(layers.node("base").readOnly()).isTrue();
      assertThat(layers.node("top").readOnly()).isFalse();
    }
  }

  @Test
  void theBackingFileCanBeExchangedByName() throws Exception {
    try (BlockBackend disk = layers.three(OpenFlags.TOOL)) {
      OpenFlags same = disk.root().flags();
      assertThatThrownBy(() -> disk.reopen(same, options("backing", "nope")))
          .hasMessage("Cannot find device='' nor node-name='nope'");
      assertThatThrownBy(() -> disk.reopen(same, options("backing", "top")))
          .hasMessage("Making 'top' a backing child of 'top' would create a cycle");
      Options bad = options("backing", "base");
      bad.put("foo", "bar");
      assertThatThrownBy(() -> disk.reopen(same, bad)).hasMessage("Cannot change the option 'foo'");
      assertThat(disk.root().backing()).contains(layers.node("mid"));
      disk.reopen(same, options("backing", "base"));
      assertThat(disk.root().backing()).contains(layers.node("base"));
      assertThat(layers.graph.node("mid")).isEmpty();
      assertThat(Layers.picture(disk)).startsWith("aaaa....");
    }
  }

  @Test
  void permissionsFollowTheMode() throws Exception {
    try (BlockBackend disk = layers.three(OpenFlags.TOOL)) {
      Child file = layers.node("top").primaryChild().orElseThrow();
      assertThat(file.wish().taken() & Permission.WRITE).isNotZero();
      disk.reopen(readOnly(disk, true), new Options());
      assertThat(file.wish().taken()).isEqualTo(Permission.CONSISTENT_READ);
      disk.reopen(readOnly(disk, false), new Options());
      assertThat(file.wish().taken() & Permission.WRITE).isNotZero();
    }
  }
}
