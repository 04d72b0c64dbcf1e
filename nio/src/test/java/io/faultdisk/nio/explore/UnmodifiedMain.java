package io.faultdisk.nio.explore;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.explore.CaseResult;
import io.faultdisk.explore.ExplorationPlan;
import io.faultdisk.explore.Explorer;
import io.faultdisk.explore.ResultSink;
import io.faultdisk.explore.Results;
import io.faultdisk.nio.Durability;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Explores a program that knows nothing but names of files, in a JVM whose default file system is
 * ours; run by {@link ExplorationIT}.
 */
final class UnmodifiedMain {
  private UnmodifiedMain() {}

  private static void program(String file, boolean careful) throws IOException {
    Files.write(Path.of(file), "done".getBytes(US_ASCII));
    if (careful) {
      force(Path.of(file), StandardOpenOption.WRITE);
      force(Path.of(file).getParent(), StandardOpenOption.READ);
    }
  }

  private static void force(Path path, StandardOpenOption option) throws IOException {
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    }
  }

  /** Takes whether the program is careful. */
  public static void main(String[] args) throws UsageException, InterruptedException {
    boolean careful = Boolean.parseBoolean(args[0]);
    FileSubject subject =
        FileSubject.of(
                "a program",
                (directory, promises) -> {
                  program(directory.resolve("file").toString(), careful);
                  promises.made("done");
                },
                (directory, promised) -> {
                  Path file = Path.of(directory.resolve("file").toString());
                  if (!promised.isEmpty() && !Files.readString(file).equals("done")) {
                    throw new AssertionError("lost");
                  }
                })
            .on(
                DiskSettings.DEFAULT
                    .withDirectories(new DefaultDirectories())
                    .withPowerLoss(Durability.POSIX));
    Results results =
        new Explorer(
                subject,
                ExplorationPlan.standard(new Seed(1)),
                Explorer.Settings.standard().withWorkers(1))
            .run(ResultSink.none());
    System.out.println(results.heading().points() + " points");
    for (CaseResult failure : results.failures()) {
      System.out.println(failure.id() + ": " + failure.outcome().reason().lines().toList().get(0));
      System.out.println("  " + failure.outcome().receipts());
      failure.outcome().reproducer().ifPresent(r -> System.out.println("  " + r.command()));
    }
  }
}
