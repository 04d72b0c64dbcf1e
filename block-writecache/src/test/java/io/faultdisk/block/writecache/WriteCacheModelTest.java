package io.faultdisk.block.writecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Seed;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.PowerSwitch;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.rules.Survivors;
import io.faultdisk.testkit.RandomCases;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Random requests, failing flushes and power cuts, against {@link CacheModel}. */
class WriteCacheModelTest {
  private static final int SIZE = 16 << 10;

  @Test
  void cacheIsWhatTheModelSays() {
    RandomCases.run("cache against model", 600, random -> oneDisk(random, true));
  }

  @Test
  void fullCacheWritesTheOldestBackAndIsOtherwiseTheSame() {
    RandomCases.run("full cache against model", 600, random -> oneDisk(random, false));
  }

  private static void oneDisk(RandomGenerator random, boolean roomy) throws Exception {
    Medium medium = new Medium(SIZE);
    CacheModel model = new CacheModel(SIZE);
    String options = roomy ? "" : "size=" + random.nextInt(1, 20_000);
    try (BlockBackend disk = medium.cached(options)) {
      PowerSwitch power = disk.power().orElseThrow();
      for (int i = 0; i < 60; i++) {
        step(random, roomy, disk, power, medium, model);
        assertThat(power.unsynced().writes()).isEqualTo(model.pending());
        if (roomy) {
          assertSame("medium", medium.content(), model.durable);
        }
      }
      ByteBuffer all = ByteBuffer.allocate(SIZE);
      disk.read(0, all);
      assertSame("all that is read", all.array(), model.visible());
    }
    model.flush();
    assertSame("medium after the flush at close", medium.content(), model.durable);
  }

  private static void step(
      RandomGenerator random,
      boolean roomy,
      BlockBackend disk,
      PowerSwitch power,
      Medium medium,
      CacheModel model)
      throws Exception {
    boolean sectors = random.nextBoolean();
    int offset = sectors ? random.nextInt(SIZE / 512) * 512 : random.nextInt(SIZE);
    int bytes = Math.min(SIZE - offset, random.nextInt(1, 4000));
    switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> {
        byte[] data = new byte[bytes];
        random.nextBytes(data);
        disk.write(offset, ByteBuffer.wrap(data), 0);
        model.write(offset, data);
      }
      case 4 -> {
        byte[] data = new byte[bytes];
        random.nextBytes(data);
        disk.write(offset, ByteBuffer.wrap(data), RequestFlags.FUA);
        model.writeThrough(offset, data);
      }
      case 5 -> {
        disk.writeZeroes(offset, bytes, 0);
        model.write(offset, new byte[bytes]);
      }
      case 6 -> {
        disk.writeZeroes(offset, bytes, RequestFlags.FUA);
        model.writeThrough(offset, new byte[bytes]);
      }
      case 7 -> {
        if (roomy) { // nobody knows when a full cache passes one on, which reads then see
          disk.discard(offset, bytes);
          model.discard(offset, bytes);
        }
      }
      case 8, 9 -> {
        disk.flush();
        model.flush();
        assertSame("medium after a flush", medium.content(), model.durable);
      }
      case 10 -> {
        if (roomy) {
          power.dropUnsynced();
          model.drop();
        }
      }
      case 11 -> {
        if (roomy) {
          power.loseUnsynced();
          model.lose();
        } else {
          power.checkpoint();
          model.flush();
        }
      }
      case 12 -> {
        cut(random, roomy, disk, power, medium, model);
      }
      default -> {
        ByteBuffer target = ByteBuffer.allocateDirect(bytes + 7).position(7);
        disk.read(offset, target);
        assertThat(target.hasRemaining()).isFalse();
        assertThat(target.position(7).mismatch(ByteBuffer.wrap(model.visible(), offset, bytes)))
            .as("read of %d at %d", bytes, offset)
            .isEqualTo(-1);
      }
    }
  }

  private static void cut(
      RandomGenerator random,
      boolean roomy,
      BlockBackend disk,
      PowerSwitch power,
      Medium medium,
      CacheModel model)
      throws Exception {
    if (roomy) {
      Survivors wanted = survivors(random, model.pending());
      Survivors left = power.cut(wanted, new Seed(random.nextLong()));
      if (wanted instanceof Survivors.Listed listed) {
        model.cut(listed.parts());
      } else {
        model.cut(left instanceof Survivors.Listed listed ? listed.parts() : List.of());
      }
      assertSame("after " + wanted + ": " + left, medium.content(), model.durable);
    } else {
      Survivors left = power.cut();
      assertThat(left).hasToString("none");
      byte[] found = medium.content();
      boolean explained = false;
      for (int count = 0; count <= model.pending(); count++) {
        explained |= Arrays.equals(found, model.afterFirst(count));
      }
      assertThat(explained).as("only the first writes are on the medium").isTrue();
      model.lose();
      model.durable = found;
    }
    assertThat(power.isOn()).isFalse();
    assertThatThrownBy(() -> disk.read(0, ByteBuffer.allocate(1)))
        .isInstanceOf(BlockIoException.class)
        .hasMessageContaining("EIO");
    assertThatThrownBy(() -> disk.write(0, ByteBuffer.allocate(1), 0)).hasMessageContaining("EIO");
    assertThatThrownBy(() -> disk.discard(0, 1)).hasMessageContaining("EIO");
    assertThatThrownBy(() -> disk.status(0, 1)).hasMessageContaining("EIO");
    assertThatThrownBy(disk::flush).hasMessageContaining("EIO");
    power.restore();
    assertSame("medium with power again", medium.content(), model.durable);
  }

  private static void assertSame(String what, byte[] found, byte[] expected) {
    assertThat(Arrays.mismatch(found, expected)).as(what + ", first difference").isEqualTo(-1);
  }

  private static Survivors survivors(RandomGenerator random, int pending) {
    switch (random.nextInt(4)) {
      case 0 -> {
        return Survivors.none();
      }
      case 1 -> {
        return Survivors.all();
      }
      case 2 -> {
        return Survivors.random();
      }
      default -> {
        List<Survivors.Part> parts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          int first = random.nextInt(1, pending + 3);
          int from = random.nextInt(4);
          parts.add(
              random.nextBoolean()
                  ? new Survivors.Part(first, first + random.nextInt(3), Optional.empty())
                  : Survivors.Part.torn(first, from, from + random.nextInt(4)));
        }
        return Survivors.of(parts);
      }
    }
  }
}
