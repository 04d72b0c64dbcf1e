package io.faultdisk.nio;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.testkit.RandomCases;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * The data of one file against arrays: a cache of pages that are dirty or not, and a disk. Random
 * cuts are checked for being possible: each block is one of its versions, and so is the size.
 */
final class FileModelTest {
  private static final int BYTES_MAX = 20_000;
  private static final int PAGE = Pages.PAGE_BYTES;

  @Test
  void agreesWithArrays() {
    RandomCases.run(
        "file against arrays",
        400,
        random -> {
          Both both = new Both();
          for (int step = 0; step < 30; step++) {
            both.step(random, true);
            both.compare();
          }
        });
  }

  @Test
  void leavesOnlyWhatIsPossible() {
    RandomCases.run(
        "possible states of a file",
        300,
        random -> {
          Durability durability = Durability.values()[random.nextInt(2)];
          Both both = new Both();
          for (int step = 0; step < 12; step++) {
            both.step(random, false);
          }
          for (int i = 0; i < 10; i++) {
            int block = new int[] {64, 512, PAGE}[random.nextInt(3)];
            OptionalLong end =
                durability == Durability.POSIX
                    ? OptionalLong.empty()
                    : OptionalLong.of(random.nextLong(both.order + 1));
            Pages left = new FileVersions(both.file, block, end).choose(random).content();
            assertThat(both.possible(left, block, end))
                .as("%s with blocks of %s: %s", end, block, both.file.pending())
                .isTrue();
          }
        });
  }

  /** The same done to both. */
  private static final class Both {
    private final FileInode file = new FileInode(1, new Pages(), "f");
    private final byte[] cache = new byte[BYTES_MAX];
    private final byte[] disk = new byte[BYTES_MAX];
    private final boolean[] dirty = new boolean[BYTES_MAX / PAGE + 1];
    private int size;
    private int diskSize;

    /** The smallest size since the last flush that succeeded. */
    private int low;

    private long order;

    /** Since the last flush, without drops: what there was after each change. */
    private final List<byte[]> contents = new ArrayList<>(List.of(new byte[0]));

    /** Which of them have set the size, by their order; -1 for the others. */
    private final List<Long> resizes = new ArrayList<>(List.of(-1L));

    void step(RandomGenerator random, boolean drops) {
      long resize = -1;
      switch (random.nextInt(8)) {
        case 0 -> {
          size = random.nextInt(3) == 0 ? 0 : random.nextInt(BYTES_MAX);
          int tail = size / PAGE;
          boolean cut = size < file.current().size();
          if (cut && size % PAGE > 0) {
            dirty[tail] |= file.current().page(tail) != null;
          }
          Arrays.fill(cache, size, BYTES_MAX, (byte) 0);
          for (int page = (size + PAGE - 1) / PAGE; page < dirty.length; page++) {
            dirty[page] = false;
          }
          low = Math.min(low, size);
          resize = size == file.current().size() ? -1 : order;
          file.resize(order++, size);
        }
        case 1 -> {
          file.sync();
          flush(disk);
          diskSize = size;
          low = size;
          Arrays.fill(dirty, false);
          contents.clear();
          resizes.clear();
        }
        case 2 -> {
          if (drops) {
            file.drop();
            Arrays.fill(dirty, false);
          }
        }
        default -> {
          int offset = random.nextInt(BYTES_MAX - 1);
          int bytes = 1 + random.nextInt(Math.min(9000, BYTES_MAX - offset));
          byte[] data = new byte[bytes];
          random.nextBytes(data);
          System.arraycopy(data, 0, cache, offset, bytes);
          for (int page = offset / PAGE; page <= (offset + bytes - 1) / PAGE; page++) {
            dirty[page] = true;
          }
          size = Math.max(size, offset + bytes);
          file.write(order++, offset, data);
        }
      }
      contents.add(Arrays.copyOf(cache, size));
      resizes.add(resize);
    }

    private void flush(byte[] to) {
      Arrays.fill(to, low, BYTES_MAX, (byte) 0);
      for (int page = 0; page < dirty.length; page++) {
        if (dirty[page]) {
          int from = page * PAGE;
          System.arraycopy(cache, from, to, from, Math.min(PAGE, BYTES_MAX - from));
        }
      }
    }

    void compare() throws IOException {
      assertThat(bytes(file.current())).isEqualTo(Arrays.copyOf(cache, size));
      assertThat(bytes(file.durable())).isEqualTo(Arrays.copyOf(disk, diskSize));
      byte[] flushed = disk.clone();
      flush(flushed);
      assertThat(bytes(FileVersions.before(file, Long.MAX_VALUE).content()))
          .isEqualTo(Arrays.copyOf(flushed, size));
    }

    boolean possible(Pages left, int block, OptionalLong journalEnd) {
      int first = 0;
      int last = contents.size() - 1;
      for (int version = contents.size() - 1; journalEnd.isPresent() && version > 0; version--) {
        if (resizes.get(version) >= journalEnd.getAsLong()) {
          last = version - 1;
        } else if (resizes.get(version) >= 0) {
          first = Math.max(first, version);
        }
      }
      for (int version = first; version <= last; version++) {
        long is = contents.get(version).length;
        long was = version == 0 ? is : contents.get(version - 1).length;
        boolean partly =
            version > first && left.size() % block == 0 && left.size() > was && left.size() < is;
        if ((left.size() == is || partly)
            && possible(left, block, journalEnd.isPresent(), version, last)) {
          return true;
        }
      }
      return false;
    }

    /** Whether the blocks can be so if the size is that of a version. */
    private boolean possible(Pages left, int block, boolean journaled, int version, int last) {
      boolean partly = left.size() != contents.get(version).length;
      long least =
          contents.subList(0, partly ? version : version + 1).stream()
              .mapToLong(c -> c.length)
              .min()
              .orElseThrow();
      byte[] all = bytes(left);
      for (int from = 0; from < all.length; from += block) {
        int to = Math.min(from + block, all.length);
        byte[] found = Arrays.copyOfRange(all, from, to);
        boolean known = false;
        for (int i = journaled && from + block > least ? version : 0; i <= last; i++) {
          byte[] padded = Arrays.copyOf(contents.get(i), BYTES_MAX);
          known |= Arrays.equals(found, Arrays.copyOfRange(padded, from, to));
        }
        if (!known) {
          return false;
        }
      }
      return true;
    }

    private static byte[] bytes(Pages pages) {
      return pages.read(0, Math.toIntExact(pages.size()));
    }
  }
}
