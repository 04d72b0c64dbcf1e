package io.faultdisk.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.block.BackingChain.Found;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Status and allocation through a chain of three images of different lengths. */
final class BackingChainTest {
  @TempDir Path directory;
  private Layers layers;
  private BlockBackend disk;
  private Node top;
  private Node mid;
  private Node base;

  @BeforeEach
  void open() throws Exception {
    layers = new Layers(directory);
    disk = layers.three(OpenFlags.TOOL);
    top = layers.node("top");
    mid = layers.node("mid");
    base = layers.node("base");
    Layers.fill(mid, 4, 4, 'm');
    Layers.fill(mid, 24, 4, 'm');
    Layers.fill(top, 8, 4, 't');
    Layers.fill(top, 40, 4, 't');
  }

  @AfterEach
  void close() {
    layers.close();
  }

  @Test
  void readsComeFromTheNearestImageThatHoldsTheBlock() throws Exception {
    assertThat(Layers.picture(disk)).isEqualTo("amta..m...t.....");
  }

  @Test
  void theFirstImageThatHoldsARangeDecidesAndSaysHowDeepItWas() throws Exception {
    assertThat(status(0)).isEqualTo("4096 data depth 3 in base at 0");
    assertThat(status(4)).isEqualTo("4096 data depth 2 in mid at 4096");
    assertThat(status(8)).isEqualTo("4096 data depth 1 in top at 8192");
    assertThat(status(12)).isEqualTo("4096 data depth 3 in base at 12288");
  }

  @Test
  void whatAShorterBackingFileLacksReadsAsZeroAndIsItsWord() throws Exception {
    assertThat(status(16)).isEqualTo("8192 zero depth 3");
    assertThat(status(28)).isEqualTo("4096 zero depth 3");
    assertThat(status(32)).isEqualTo("8192 zero depth 2");
    assertThat(status(44)).isEqualTo("20480 zero depth 2 end");
  }

  @Test
  void aBaseIsNotAskedUnlessIncluded() throws Exception {
    Found above = BackingChain.allocation(top, Optional.of(base), false, 0, 4096);
    assertThat(above.status().allocated()).isFalse();
    assertThat(above.depth()).isEqualTo(2);
    Found with = BackingChain.allocation(top, Optional.of(base), true, 0, 4096);
    assertThat(with.status().allocated()).isTrue();
    assertThat(with.depth()).isEqualTo(3);
    Found nothing = BackingChain.allocation(top, Optional.of(top), false, 0, 8192);
    assertThat(nothing.status().allocated()).isFalse();
    assertThat(nothing.status().bytes()).isEqualTo(8192);
    assertThat(nothing.depth()).isZero();
  }

  @Test
  void quickAndPreciseKnowledgeAboutZeroes() throws Exception {
    assertThat(top.readsAsZeroFast(32 * Layers.KIB, 8 * Layers.KIB)).isTrue();
    assertThat(top.readsAsZeroFast(32 * Layers.KIB, 12 * Layers.KIB)).isFalse();
    assertThat(top.readsAsZeroFast(0, 0)).isTrue();
    // Two stretches that are zero for different reasons: only the precise look joins them.
    assertThat(top.readsAsZeroFast(28 * Layers.KIB, 12 * Layers.KIB)).isFalse();
    assertThat(top.readsAsZero(28 * Layers.KIB, 12 * Layers.KIB)).isTrue();
    assertThat(top.readsAsZero(44 * Layers.KIB, 1 << 20)).isTrue();
    assertThat(top.readsAsZero(0, 4096)).isFalse();
  }

  @Test
  void walkingTheChain() {
    assertThat(BackingChain.images(top)).containsExactly(top, mid, base);
    assertThat(BackingChain.contains(top, base)).isTrue();
    assertThat(BackingChain.contains(mid, top)).isFalse();
    assertThat(BackingChain.below(base)).isEmpty();
    assertThat(BackingChain.skipFilters(top)).isSameAs(top);
  }

  @Test
  void aBackingFileGivenByOptionsIsFoundByItsFileOnly() {
    String file = directory.resolve("base.raw").toString();
    assertThat(BackingChain.find(top, file)).contains(base);
    assertThat(BackingChain.find(top, "base.raw")).isEmpty();
    assertThat(BackingChain.find(base, file)).isEmpty();
  }

  private String status(long kib) throws BlockIoException {
    long offset = kib * Layers.KIB;
    Found found = BackingChain.status(top, Optional.empty(), offset, disk.length() - offset);
    BlockStatus status = found.status();
    StringBuilder text = new StringBuilder().append(status.bytes());
    text.append(status.data() ? " data" : "").append(status.zero() ? " zero" : "");
    text.append(" depth ").append(found.depth()).append(status.end() ? " end" : "");
    status
        .host()
        .ifPresent(
            place ->
                text.append(" in ").append(owner(place)).append(" at ").append(place.offset()));
    return text.toString();
  }

  /** Whose file it is. */
  private String owner(BlockStatus.Place place) {
    for (Node node : BackingChain.images(top)) {
      if (node.primaryChild().orElseThrow().node() == place.node()) {
        return node.name();
      }
    }
    return place.node().name();
  }
}
