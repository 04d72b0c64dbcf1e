package io.faultdisk.block.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Texts and rules as observed with qemu-img 7.2 {@code create -o}. */
class CreateOptionsTest {
  private static final List<CreateOption> FORMAT =
      List.of(
          CreateOption.of("name", CreateOption.Type.STRING, "A name"),
          CreateOption.of("cluster_size", CreateOption.Type.SIZE, "Clusters", "65536"),
          CreateOption.of("lazy", CreateOption.Type.BOOL, "Laziness", "off"),
          CreateOption.of("size", CreateOption.Type.SIZE, "Virtual disk size"));

  private static final List<CreateOption> PROTOCOL =
      List.of(
          CreateOption.of("size", CreateOption.Type.SIZE, "Size of the file"),
          CreateOption.of("nocow", CreateOption.Type.BOOL, "No copy-on-write"));

  private final CreateOptions options = CreateOptions.merged(FORMAT, PROTOCOL);

  @Test
  void describesDefaultsAndWhatWasGivenInOrderOfDeclaration() throws UsageException {
    options.parse("nocow=yes,size=1M,cluster_size=2k,name=a,,b,size=2M");

    assertThat(options.describe())
        .isEqualTo("name=a,,b cluster_size=2048 lazy=off size=2097152 nocow=yes");
  }

  @Test
  void theFirstMistakeIsReported() {
    assertThatThrownBy(() -> options.parse("size=1M,lazy=maybe,foo=1"))
        .isInstanceOf(UsageException.class)
        .hasMessage("Parameter 'lazy' expects 'on' or 'off'");
    assertThatThrownBy(() -> options.parse("foo=1,lazy=maybe"))
        .hasMessage("Invalid parameter 'foo'");
    assertThatThrownBy(() -> options.parse("nocow"))
        .as("a flag that begins with no loses that")
        .hasMessage("Invalid parameter 'cow'");
  }

  @Test
  void valuesKnowTheirDefaults() throws UsageException {
    assertThat(options.number("cluster_size", 1)).isEqualTo(65536);
    assertThat(options.number("size", 7)).isEqualTo(7);
    assertThat(options.isGiven("cluster_size")).isFalse();
    assertThat(options.text("name")).isEmpty();

    options.set("lazy", "y");

    assertThat(options.bool("lazy", false)).isTrue();
    assertThat(options.text("lazy")).isEqualTo(Optional.of("y"));
  }

  @Test
  void theProtocolGetsWhatTheFormatDoesNotHave() throws UsageException {
    options.parse("size=1M,nocow=on");

    CreateOptions below = options.without(FORMAT).only(PROTOCOL);

    assertThat(below.isGiven("size")).isFalse();
    assertThat(below.bool("nocow", false)).isTrue();
  }

  @Test
  void helpIsSortedAndAligned() {
    assertThat(options.help())
        .containsExactly(
            "  cluster_size=<size>    - Clusters",
            "  lazy=<bool (on/off)>   - Laziness",
            "  name=<str>             - A name",
            "  nocow=<bool (on/off)>  - No copy-on-write",
            "  size=<size>            - Virtual disk size");
  }
}
