package io.faultdisk.cli.io;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Loop;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.Stdio;
import io.faultdisk.daemon.IoCommandRunner;
import io.faultdisk.rules.FaultEngine;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.Observer;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * Commands of {@code io} on images that a daemon has open.
 *
 * <p>A command returns when it has ended. Only {@code aio_read} and {@code aio_write} also return
 * when a request is suspended, so that the next command can resume it; what they say later is said
 * to nobody.
 *
 * <p>Any thread; commands run beside each other, each on a thread of its own.
 */
public final class DaemonCommands implements IoCommandRunner {
  /** They open and close images of their own. */
  private static final Set<String> OF_THE_TOOL = Set.of("open", "o", "close", "c", "quit", "q");

  private static final Set<String> DEADLY = Set.of("abort", "sigraise");
  private static final Set<String> ASYNCHRONOUS = Set.of("aio_read", "aio_write");

  private final Program program;

  /** Commands of that program's dialect. */
  public DaemonCommands(Program program) {
    this.program = program;
  }

  @Override
  public String run(BlockBackend image, String commandLine) {
    CountDownLatch done = new CountDownLatch(1);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    List<String> words = Words.cut(commandLine);
    boolean asynchronous = !words.isEmpty() && ASYNCHRONOUS.contains(words.getFirst());
    Optional<FaultEngine> engine = asynchronous ? image.engine() : Optional.empty();
    Optional<Observer.Registration> watch = engine.map(each -> each.observe(watching(done)));
    try {
      Thread.ofPlatform()
          .daemon()
          .name("io-command")
          .start(
              () -> {
                try (image) {
                  run(image, words, commandLine, said);
                } finally {
                  done.countDown();
                }
              });
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      watch.ifPresent(Observer.Registration::close);
    }
    return said.toString(StandardCharsets.UTF_8);
  }

  private static Observer watching(CountDownLatch done) {
    return observation -> {
      if (observation instanceof Observation.RequestSuspended) {
        done.countDown();
      }
    };
  }

  private void run(
      BlockBackend image, List<String> words, String commandLine, ByteArrayOutputStream said) {
    Stdio stdio = new Stdio(InputStream.nullInputStream(), said, said, false);
    Console console = new Console(program.name(), stdio, true);
    String word = words.isEmpty() ? "" : words.getFirst();
    if (OF_THE_TOOL.contains(word)) {
      console.error("command \"" + word + "\" not found");
      return;
    }
    if (DEADLY.contains(word)) {
      console.error(word + ": would end the daemon; use 'quit' of QMP for that");
      return;
    }
    try (Session session = new Session(program, console, image)) {
      var unused = new CommandRunner(session).run(commandLine);
      session.loop().drain();
    } catch (Loop.Stuck stuck) {
      console.report(stuck.what());
    } finally {
      console.flush();
    }
  }
}
