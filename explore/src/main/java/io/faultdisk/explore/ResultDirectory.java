package io.faultdisk.explore;

import io.faultdisk.base.UsageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps results in a directory, each as soon as it is there, so that what ends the process or fills
 * the disk takes nothing of what was found.
 *
 * <pre>
 *   cases.jsonl     the heading with the shard, then a line of JSON per case, in the order in which they ended
 *   timeline.json   the recorded run
 * </pre>
 *
 * <p>{@link ReportWriter} puts reports beside them. One exploration at a time: the file is locked.
 * Writing needs no thread rule beyond {@link ResultSink}'s; {@link #close} may be called by any.
 */
public final class ResultDirectory implements ResultSink, AutoCloseable {
  private static final String CASES = "cases.jsonl";
  private static final String TIMELINE = "timeline.json";

  private final Path directory;
  private final Shard shard;
  private final Mode mode;
  private @Nullable FileChannel channel;

  /** What to do with results that are there already. */
  public enum Mode {
    /** Don't touch them: refuse to begin. */
    NEW,
    /** The same for what cannot go on. */
    ONCE,
    /** Go on with them; begin anew if there are none. */
    RESUME
  }

  /** A directory, which need not exist yet. */
  public ResultDirectory(Path directory, Shard shard, Mode mode) {
    this.directory = directory;
    this.shard = shard;
    this.mode = mode;
  }

  /**
   * Reads what a directory holds.
   *
   * @throws UsageException if that is nothing, or damaged
   */
  public static ResultPart read(Path directory) throws UsageException {
    String name = directory.toString();
    try {
      Path file = directory.resolve(CASES);
      ResultFile content = ResultFile.read(file.toString(), Files.readAllBytes(file));
      Path timeline = directory.resolve(TIMELINE);
      List<TimelineEntry> entries =
          Files.exists(timeline)
              ? ResultJson.timeline(timeline.toString(), text(timeline))
              : List.of();
      return new ResultPart(
          name,
          content.shard(),
          new Results(content.heading(), List.copyOf(content.done().values()), entries));
    } catch (NoSuchFileException e) {
      throw new UsageException(
          "there are no results in " + name, "Name a directory that an exploration has written.");
    } catch (IOException e) {
      throw new UsageException("cannot read the results in " + name + ": " + why(e));
    }
  }

  private static String text(Path file) throws IOException, UsageException {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new UsageException(file + " is damaged: it is not text in UTF-8");
    }
  }

  /**
   * Writes results that are there already, such as merged ones, so that they can be read again.
   *
   * @throws UsageException if the directory has others, or cannot be written
   */
  public static void write(Path directory, Results results) throws UsageException {
    try (ResultDirectory to = new ResultDirectory(directory, Shard.ALL, Mode.ONCE)) {
      Opened opened = to.open(results.heading(), results.timeline());
      for (CaseResult result : results.cases()) {
        opened.found(result);
      }
    }
  }

  @Override
  public synchronized Opened open(Heading heading, List<TimelineEntry> timeline)
      throws UsageException {
    try {
      Files.createDirectories(directory);
      FileChannel opened =
          FileChannel.open(
              directory.resolve(CASES),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      channel = opened;
      lock(opened);
      Map<Integer, CaseResult> done = takeOver(opened, heading);
      if (done.isEmpty()) {
        opened.truncate(0);
        append(opened, ResultJson.firstLine(heading, shard));
      }
      writeTimeline(timeline);
      return new Writing(opened, done);
    } catch (FileAlreadyExistsException e) {
      throw new UsageException(directory + " is not a directory", "Name another one.");
    } catch (IOException e) {
      throw new UsageException("cannot write results to " + directory + ": " + why(e));
    }
  }

  private void lock(FileChannel opened) throws IOException, UsageException {
    try {
      if (opened.tryLock() != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      // Said below.
    }
    throw new UsageException(
        "another exploration is writing to " + directory,
        "Wait for it, or name another directory.");
  }

  /** Looks at what is there, and cuts off a last line without an end. */
  private Map<Integer, CaseResult> takeOver(FileChannel opened, Heading heading)
      throws IOException, UsageException {
    byte[] content = Files.readAllBytes(directory.resolve(CASES));
    if (!ResultFile.hasHeading(content)) {
      return Map.of();
    }
    ResultFile before = ResultFile.read(directory.resolve(CASES).toString(), content);
    if (before.done().isEmpty()) {
      return Map.of();
    }
    if (mode != Mode.RESUME) {
      throw new UsageException(
          directory + " has results already: " + before.done().size() + " cases",
          mode == Mode.ONCE
              ? "Name another directory, or remove this one."
              : "Go on with them with --resume, name another directory, or remove this one.");
    }
    List<String> differences = heading.differences(before.heading());
    if (!differences.isEmpty()) {
      throw new UsageException(
          directory + " has results of something else: " + String.join("; ", differences),
          "Name another directory, or explore again what is there.");
    }
    if (!shard.equals(before.shard())) {
      throw new UsageException(
          directory + " has results of shard " + before.shard() + ", not " + shard,
          "Each shard needs a directory of its own.");
    }
    opened.truncate(before.bytes());
    opened.position(before.bytes());
    return before.done();
  }

  /** Whole or not at all: a resumed run may be killed, too. */
  private void writeTimeline(List<TimelineEntry> timeline) throws IOException {
    Path parts = directory.resolve(TIMELINE + ".new");
    Files.writeString(parts, ResultJson.timeline(timeline));
    Files.move(parts, directory.resolve(TIMELINE), StandardCopyOption.REPLACE_EXISTING);
  }

  private static void append(FileChannel to, String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  /** What the system said, without the path. */
  static String why(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "Permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "No such file or directory";
    }
    if (e instanceof FileSystemException file && file.getReason() != null) {
      return file.getReason();
    }
    return String.valueOf(e.getMessage());
  }

  /** Lets others write to the directory. Cases that end afterwards are not kept. */
  @Override
  public synchronized void close() {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // Each line was written and counted when it came: there is nothing left to lose.
        channel = null;
      }
    }
  }

  /** The file at work. */
  private final class Writing implements Opened {
    private final FileChannel to;
    private final Map<Integer, CaseResult> done;

    Writing(FileChannel to, Map<Integer, CaseResult> done) {
      this.to = to;
      this.done = Map.copyOf(done);
    }

    @Override
    public Map<Integer, CaseResult> done() {
      return done;
    }

    @Override
    public void begins(int cases, int left) {}

    @Override
    public void found(CaseResult result) throws UsageException {
      synchronized (ResultDirectory.this) {
        if (!to.isOpen()) {
          return;
        }
        try {
          append(to, ResultJson.line(result));
        } catch (IOException e) {
          // No further line may follow a part of one.
          close();
          throw new UsageException(
              "cannot write results to " + directory + ": " + why(e),
              "What was found before is kept: go on with --resume once that is mended.");
        }
      }
    }
  }
}
