package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Seed;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PowerCutTest {
  @Test
  void isJavaCode() {
    assertThat(
            List.of(
                PowerCut.dropAll(),
                PowerCut.keepAll(),
                PowerCut.subset(new Seed(-1)),
                PowerCut.torn(0x2aL, 512),
                PowerCut.prefix(7)))
        .extracting(PowerCut::toString)
        .containsExactly(
            "PowerCut.dropAll()",
            "PowerCut.keepAll()",
            "PowerCut.subset(0xffffffffffffffffL)",
            "PowerCut.torn(0x2aL, 512)",
            "PowerCut.prefix(7)");
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> PowerCut.torn(1, 1000)).hasMessageContaining("1000");
    assertThatThrownBy(() -> PowerCut.torn(1, 8192)).hasMessageContaining("8192");
    assertThatThrownBy(() -> PowerCut.torn(1, 0)).hasMessageContaining("0");
    assertThatThrownBy(() -> PowerCut.prefix(-1)).hasMessageContaining("-1");
  }

  @Test
  void leavesTheSameOfTheSame() throws IOException {
    Set<Map<String, String>> states = new HashSet<>();
    for (int seed = 0; seed < 50; seed++) {
      Map<String, String> first = busy().after(PowerCut.torn(seed, 512));
      assertThat(busy().after(PowerCut.torn(seed, 512))).isEqualTo(first);
      states.add(first);
    }
    assertThat(states).hasSizeGreaterThan(25);
  }

  @Test
  void oneFileDoesNotDependOnWhatHappensToAnother() throws IOException {
    Disk disk = busy();
    for (int seed = 0; seed < 50; seed++) {
      String before = disk.after(PowerCut.subset(seed)).get("d0/durable");
      Disk other = busy();
      other.append("other", "more");
      assertThat(other.after(PowerCut.subset(seed)).get("d0/durable")).isEqualTo(before);
    }
  }

  private static Disk busy() throws IOException {
    Disk disk = new Disk(Durability.POSIX);
    disk.mkdir("d0");
    disk.durable("d0/durable", "x".repeat(10_000));
    disk.durable("other", "");
    for (int i = 0; i < 5; i++) {
      disk.create("f" + i);
      disk.append("f" + i, "y".repeat(3000 * i));
      disk.write("d0/durable", 1000L * i, "z".repeat(1000));
    }
    disk.rename("f1", "f0");
    return disk;
  }
}
