package io.faultdisk.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.Messages;
import io.faultdisk.block.blkdebug.BlkdebugType;
import io.faultdisk.block.copyonread.CopyOnReadType;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.memory.MemoryType;
import io.faultdisk.block.nullco.NullType;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.qcow2.Qcow2Type;
import io.faultdisk.block.quorum.QuorumType;
import io.faultdisk.block.raw.RawType;
import io.faultdisk.rules.Dialect;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A daemon, of QEMU's dialect if nothing else is said, what it has told its listeners, and a
 * directory with images.
 */
final class TestDaemon implements AutoCloseable {
  static final long MIB = 1 << 20;

  final StorageDaemon daemon;
  final List<String> events = Collections.synchronizedList(new ArrayList<>());
  final List<String> messages = Collections.synchronizedList(new ArrayList<>());
  final Path directory;

  TestDaemon(Path directory) {
    this(directory, Dialect.QEMU);
  }

  TestDaemon(Path directory, Dialect dialect) {
    this.directory = directory;
    daemon =
        new StorageDaemon(
            dialect,
            objects -> types(dialect),
            Messages.to(messages::add),
            (image, command) -> {
              try (image) {
                return image.root().name() + ": " + command;
              }
            });
    daemon.listen(
        new DaemonListener() {
          @Override
          public void jobStatusChanged(String id, JobStatus status) {
            events.add(id + " " + status.text());
          }

          @Override
          public void exportDeleted(String id) {
            events.add(id + " deleted");
          }
        });
  }

  private static List<DriverType> types(Dialect dialect) {
    return List.of(
        new FileType(),
        new RawType(),
        new Qcow2Type(),
        new BlkdebugType(dialect, Optional.empty()),
        new CopyOnReadType(),
        new NullType(),
        new QuorumType(),
        new MemoryType());
  }

  /** An empty file. */
  String file(String name, long size) throws IOException {
    Path path = directory.resolve(name);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(size);
    }
    return path.toString();
  }

  /** Options in JSON, with ' for ". */
  static Options options(String json) throws UsageException {
    return Options.flatten((JsonObject) Json.parse(json.replace('\'', '"')));
  }

  /** Adds a node that JSON describes. */
  void add(String json) throws UsageException {
    daemon.addNode(options(json));
  }

  /** A raw file of 1 MiB with a node of that name. */
  void addFile(String node) throws UsageException, IOException {
    add("{'driver':'file','node-name':'%s','filename':'%s'}".formatted(node, file(node, MIB)));
  }

  /** Waits until exactly these events were told: a thread that tells others may tell them, too. */
  void awaitEvents(String... told) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(events).containsExactly(told));
  }

  /** Makes an image in a job and waits for that. */
  JobInfo create(String id, String json) throws UsageException {
    daemon.createImage(id, options(json));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> job(id).status() == JobStatus.CONCLUDED && events.contains(id + " concluded"));
    return job(id);
  }

  private JobInfo job(String id) {
    return daemon.jobs().stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
  }

  /** A qcow2 image of 1 MiB, closed again. */
  String qcow2(String name) throws UsageException, IOException {
    String file = file(name, 0);
    JobInfo job =
        create(
            "make-" + name,
            "{'driver':'qcow2','file':{'driver':'file','filename':'%s'},'size':%d}"
                .formatted(file, MIB));
    assertThat(job.error()).isEmpty();
    daemon.dismissJob(job.id());
    return file;
  }

  List<String> nodes() {
    return daemon.graph().nodes().stream().map(node -> node.name()).toList();
  }

  /** A command. */
  interface Command {
    void run() throws Exception;
  }

  /** What a command is refused with. */
  static String refusal(Command command) {
    UsageException e = catchThrowableOfType(UsageException.class, command::run);
    assertThat(e).as("a refusal").isNotNull();
    return e.getMessage();
  }

  @Override
  public void close() {
    daemon.close();
  }
}
