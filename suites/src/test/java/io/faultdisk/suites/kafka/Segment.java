package io.faultdisk.suites.kafka;

import io.faultdisk.base.Seed;
import io.faultdisk.suites.History;
import io.faultdisk.suites.Subject;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.checkpoint.LeaderEpochCheckpointFile;
import org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.ProducerStateManager;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;

/**
 * A segment of a log that batches are appended to, and that is flushed now and then. Kafka takes
 * {@code java.io.File}, so the directories have to be of Java's default file system.
 *
 * @param name for reports
 * @param batches how many
 * @param syncDirectory whether the directory is synced when the segment was made, as Kafka's server
 *     does
 */
record Segment(String name, int batches, boolean syncDirectory) implements Subject {
  private static final int RECORDS_MAX = 9;
  private static final int BATCHES_PER_FLUSH = 3;
  private static final TopicPartition PARTITION = new TopicPartition("topic", 0);

  @Override
  public List<String> empty() {
    return List.of();
  }

  private static LogSegment open(File directory, boolean isThere) throws IOException {
    LogConfig config = new LogConfig(Map.of("index.interval.bytes", "200"));
    return LogSegment.open(directory, 0, config, Time.SYSTEM, isThere, 0, false, "");
  }

  @Override
  public void work(Path directory, History history) throws Exception {
    RandomGenerator random = new Seed(batches).random();
    List<String> now = new ArrayList<>();
    try (LogSegment segment = open(directory.toFile(), false)) {
      if (syncDirectory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
          channel.force(true);
        }
      }
      for (int batch = 1; batch <= batches; batch++) {
        long first = now.size();
        SimpleRecord[] records = new SimpleRecord[1 + random.nextInt(RECORDS_MAX)];
        for (int i = 0; i < records.length; i++) {
          String value = ("batch " + batch + " record " + i + " ").repeat(1 + random.nextInt(20));
          now.add(value);
          records[i] = new SimpleRecord(batch, value.getBytes(StandardCharsets.UTF_8));
        }
        history.begin(List.copyOf(now));
        segment.append(now.size() - 1, MemoryRecords.withRecords(first, Compression.NONE, records));
        if (batch % BATCHES_PER_FLUSH == 0) {
          segment.flush();
          history.acknowledge();
        }
      }
    }
  }

  @Override
  public List<String> recover(Path path) throws Exception {
    File directory = new File(path.toString());
    if (!new File(directory, "00000000000000000000.log").exists()) {
      return empty();
    }
    try (LogSegment segment = open(directory, true)) {
      segment.recover(
          new ProducerStateManager(
              PARTITION, directory, 1, new ProducerStateManagerConfig(1, false), Time.SYSTEM),
          new LeaderEpochFileCache(
              PARTITION,
              new LeaderEpochCheckpointFile(
                  new File(directory, "leader-epoch-checkpoint"), new LogDirFailureChannel(1)),
              new KafkaScheduler(1)));
      segment.sanityCheck(false);
      return read(segment);
    }
  }

  private static List<String> read(LogSegment segment) throws IOException {
    List<String> found = new ArrayList<>();
    for (Record each : segment.log().records()) {
      if (each.offset() != found.size()) {
        throw new IllegalStateException(
            "the record " + found.size() + " has the offset " + each.offset());
      }
      found.add(text(each.value()));
    }
    for (long offset = 0; offset < found.size(); offset++) {
      if (segment.read(offset, Integer.MAX_VALUE).records.records().iterator().next().offset()
          > offset) {
        throw new IllegalStateException("the index does not lead to " + offset);
      }
    }
    return found;
  }

  private static String text(ByteBuffer value) {
    return StandardCharsets.UTF_8.decode(value).toString();
  }
}
