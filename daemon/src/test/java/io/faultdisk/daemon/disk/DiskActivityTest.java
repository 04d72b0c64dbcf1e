package io.faultdisk.daemon.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.rules.RequestType;
import io.faultdisk.testkit.RandomCases;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class DiskActivityTest {
  private TestDisk test;
  private DiskActivity activity;

  @BeforeEach
  void open() throws Exception {
    test = new TestDisk();
    activity = test.disk.activity();
  }

  @AfterEach
  void close() {
    test.close();
  }

  private void read(long offset, int bytes) throws BlockIoException {
    test.backend.read(offset, ByteBuffer.allocate(bytes));
  }

  private Counters.OfType of(RequestType type) {
    return activity.counters().byType().get(type);
  }

  @Test
  void requestsAreCountedByTypeAndResult() throws Exception {
    test.disk.add(new FaultSpec("inject-error", Map.of("sector", "8")));
    read(0, 4096);
    read(512, 512);
    assertThatThrownBy(() -> read(4096, 512)).isInstanceOf(BlockIoException.class);
    test.backend.write(0, ByteBuffer.allocate(1024), RequestFlags.NONE);
    test.backend.flush();
    Counters.OfType reads = of(RequestType.READ);
    assertThat(reads.requests()).isEqualTo(3);
    assertThat(reads.bytes()).isEqualTo(4096 + 512 + 512);
    assertThat(reads.injected()).isEqualTo(1);
    assertThat(reads.failed()).isZero();
    assertThat(reads.latencies().count()).isEqualTo(3);
    assertThat(reads.nanos()).isPositive();
    AtomicLong counted = new AtomicLong();
    reads.latencies().forEach((from, count) -> counted.addAndGet(count));
    assertThat(counted).hasValue(3);
    assertThat(of(RequestType.WRITE).bytes()).isEqualTo(1024);
    assertThat(of(RequestType.FLUSH).requests()).isEqualTo(1);
    assertThat(activity.counters().inFlight()).isZero();
    assertThat(activity.counters().injected()).isEqualTo(1);
  }

  @Test
  void errorsOfTheDiskItselfAreNoInjections() throws Exception {
    test.disk.cutPower("none", 0);
    assertThatThrownBy(() -> read(0, 512)).isInstanceOf(BlockIoException.class);
    assertThat(of(RequestType.READ).failed()).isEqualTo(1);
    assertThat(of(RequestType.READ).injected()).isZero();
  }

  @Test
  void nothingIsLostWhenManyThreadsCount() throws Exception {
    int threads = 8;
    int each = 2000;
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (int i = 0; i < threads; i++) {
        pool.submit(
            () -> {
              for (int n = 0; n < each; n++) {
                read(n % 2048 * 512L, 512);
              }
              return null;
            });
      }
      pool.shutdown();
      assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(of(RequestType.READ).requests()).isEqualTo(threads * each);
    assertThat(activity.heat().view().cells().stream().mapToLong(HeatMap.Cell::reads).sum())
        .isEqualTo(threads * each);
  }

  @Test
  void theMapShowsWhereRequestsWere() throws Exception {
    test.disk.add(new FaultSpec("inject-error", Map.of("sector", "2047")));
    read(0, 3000);
    test.backend.write(1 << 19, ByteBuffer.allocate(1024), RequestFlags.NONE);
    assertThatThrownBy(() -> read((1 << 20) - 512, 512)).isInstanceOf(BlockIoException.class);
    HeatMap.View view = activity.heat().view();
    assertThat(view.cellBytes()).isEqualTo(1024);
    assertThat(view.cells())
        .containsExactly(
            new HeatMap.Cell(0, 1, 0, 0),
            new HeatMap.Cell(1, 1, 0, 0),
            new HeatMap.Cell(2, 1, 0, 0),
            new HeatMap.Cell(512, 0, 1, 0),
            new HeatMap.Cell(1023, 1, 0, 1));
  }

  @Test
  void theMapTellsWhatCameSinceAnEarlierLook() {
    HeatMap map = new HeatMap(1 << 20);
    map.touch(HeatMap.Kind.READ, 0, 512, false);
    map.touch(HeatMap.Kind.READ, 5 * 1024, 512, false);
    HeatMap.View before = map.view();
    assertThat(map.view().since(before).cells()).isEmpty();
    map.touch(HeatMap.Kind.WRITE, 5 * 1024, 512, true);
    assertThat(map.view().since(before).cells()).containsExactly(new HeatMap.Cell(5, 0, 1, 1));
    map.touch(HeatMap.Kind.READ, (1 << 21) - 512, 512, false);
    HeatMap.View grown = map.view().since(before);
    assertThat(grown.cellBytes()).isEqualTo(2048);
    assertThat(grown.cells())
        .containsExactly(new HeatMap.Cell(2, 0, 1, 1), new HeatMap.Cell(1023, 1, 0, 0));
    map.reset();
    map.touch(HeatMap.Kind.READ, 0, 512, false);
    assertThat(map.view().since(before).cells()).containsExactly(new HeatMap.Cell(0, 1, 0, 0));
  }

  @Test
  void theMapGrowsWithTheDisk() {
    HeatMap map = new HeatMap(1 << 20);
    map.touch(HeatMap.Kind.READ, 0, 512, false);
    map.touch(HeatMap.Kind.WRITE, (1 << 20) - 512, 512, true);
    map.touch(HeatMap.Kind.READ, 10L << 30, 4096, false);
    HeatMap.View view = map.view();
    assertThat(view.cellBytes()).isEqualTo(16L << 20);
    assertThat(view.cells())
        .containsExactly(new HeatMap.Cell(0, 1, 1, 1), new HeatMap.Cell(640, 1, 0, 0));
  }

  @Test
  void theTimelineShowsEventsAndVerdicts() throws Exception {
    read(0, 512); // before anybody watches
    Timeline timeline = activity.timeline();
    timeline.watch();
    test.disk.add(new FaultSpec("inject-error", Map.of("sector", "1", "errno", "ENOSPC")));
    read(0, 512);
    assertThatThrownBy(() -> read(512, 512)).isInstanceOf(BlockIoException.class);
    List<Timeline.Row> rows = timeline.take().rows();
    assertThat(rows).extracting(Timeline.Row::verdict).containsExactly("ok", "ENOSPC");
    assertThat(rows).extracting(Timeline.Row::rule).containsExactly("", "inject-error");
    assertThat(rows).extracting(Timeline.Row::offset).containsExactly(0L, 512L);
    assertThat(rows.get(0).events()).contains("read_aio");
    assertThat(rows.get(1).events()).isEqualTo(rows.get(0).events());
    timeline.unwatch();
    read(0, 512);
    assertThat(timeline.take()).isEqualTo(new Timeline.Part(List.of(), 0));
  }

  @Test
  void theTimelineSkipsWhatNobodyCouldReadButNoFaults() throws Exception {
    Timeline timeline = activity.timeline();
    timeline.watch();
    for (int i = 0; i < 3 * Timeline.ROWS_MAX; i++) {
      read(0, 512);
    }
    test.disk.add(new FaultSpec("inject-error", Map.of()));
    assertThatThrownBy(() -> read(0, 512)).isInstanceOf(BlockIoException.class);
    Timeline.Part part = timeline.take();
    assertThat(part.rows()).hasSize(Timeline.ROWS_MAX + 1);
    assertThat(part.rows().getLast().verdict()).isEqualTo("EIO");
    assertThat(part.skipped()).isEqualTo(2 * Timeline.ROWS_MAX);
    test.disk.removeAll();
    read(0, 512);
    assertThat(timeline.take().rows()).hasSize(1);
  }

  @Test
  void aRowHasNoEventsOfRequestsThatWereSkipped() throws Exception {
    Timeline timeline = activity.timeline();
    timeline.watch();
    test.disk.add(new FaultSpec("inject-error", Map.of()));
    for (int i = 0; i < Timeline.ROWS_MAX + 3; i++) {
      assertThatThrownBy(() -> read(0, 512)).isInstanceOf(BlockIoException.class);
    }
    assertThat(timeline.take().skipped()).isEqualTo(3);
    assertThatThrownBy(() -> read(0, 512)).isInstanceOf(BlockIoException.class);
    assertThat(timeline.take().rows())
        .singleElement()
        .extracting(Timeline.Row::events)
        .isEqualTo(List.of("read_aio"));
  }

  @Test
  void latenciesKnowTheirPercentiles() {
    RandomCases.run(
        "latencies",
        200,
        random -> {
          List<Long> times = new ArrayList<>();
          long[] counts = new long[Latencies.BUCKETS];
          for (int i = random.nextInt(1, 500); i > 0; i--) {
            long nanos = random.nextLong(1L << random.nextInt(1, 62));
            times.add(nanos);
            counts[Latencies.bucket(nanos)]++;
          }
          times.sort(null);
          Latencies latencies = new Latencies(counts);
          assertThat(latencies.count()).isEqualTo(times.size());
          for (double percent : new double[] {1, 50, 99, 100}) {
            long exact = times.get((int) Math.ceil(times.size() * percent / 100) - 1);
            // The end of its bucket.
            assertThat(latencies.percentile(percent)).isBetween(exact, exact + exact / 4 + 1);
          }
          long some = times.get(random.nextInt(times.size()));
          long from = Latencies.from(Latencies.bucket(some));
          assertThat(latencies.below(from))
              .isEqualTo(times.stream().filter(nanos -> nanos < from).count());
        });
  }

  @Test
  void bucketsFollowEachOther() {
    for (int i = 1; i < Latencies.BUCKETS; i++) {
      assertThat(Latencies.from(i)).isGreaterThan(Latencies.from(i - 1));
      assertThat(Latencies.bucket(Latencies.from(i))).isEqualTo(i);
      assertThat(Latencies.bucket(Latencies.from(i) - 1)).isEqualTo(i - 1);
    }
    assertThat(Latencies.bucket(-5)).isZero();
  }
}
