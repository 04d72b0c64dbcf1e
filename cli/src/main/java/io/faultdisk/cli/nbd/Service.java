package io.faultdisk.cli.nbd;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.Node;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.Signals;
import io.faultdisk.cli.tool.ConsoleMessages;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.cli.tool.PidFile;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.cli.tool.Startup;
import io.faultdisk.nbd.server.Export;
import io.faultdisk.nbd.server.Listening;
import io.faultdisk.nbd.server.NbdServer;
import io.faultdisk.nbd.server.ServerLimits;
import io.faultdisk.nbd.server.ServerTurns;
import io.faultdisk.rules.FaultEngine;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * One run of the server: from the sockets to the last flush.
 *
 * <p>For one thread, which waits for the end: the last client leaves, the process is told to
 * terminate, or the thread is interrupted.
 */
final class Service implements NbdServer.Listener {
  private final Program program;
  private final Console console;
  private final Signals signals;
  private final NbdArguments arguments;
  private final CountDownLatch end = new CountDownLatch(1);
  private boolean interrupted;

  Service(Program program, Console console, Signals signals, NbdArguments arguments) {
    this.program = program;
    this.console = console;
    this.signals = signals;
    this.arguments = arguments;
  }

  /**
   * Serves; a failure to start has been reported.
   *
   * @param activated the socket, if somebody else has opened it
   */
  void run(Optional<ServerSocketChannel> activated) throws Refusal {
    try (Signals.Termination _ = signals.onTermination(end::countDown)) {
      if (arguments.fork) {
        Startup.requireLauncher("--fork", "qemu-nbd");
      }
      if (arguments.connect.isPresent()) {
        refuse(arguments.connect.get());
      }
      try (Listening sockets =
              activated.isPresent()
                  ? Listening.on(activated.get())
                  : Listening.open(arguments.address(), program.dialect());
          BlockGraph graph = graph()) {
        serve(sockets, ServedImage.open(arguments, console, graph), graph);
      }
    } catch (UsageException refused) {
      console.report(refused.getMessage(), refused.hints());
      throw new Refusal();
    } catch (IOException failed) {
      console.report("cannot go into the background: " + failed.getMessage());
      throw new Refusal();
    } finally {
      // Not before all is closed: an interrupted thread waits for nothing.
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private BlockGraph graph() {
    return new BlockGraph(
        Drivers.all(program.dialect(), arguments.objects),
        new ServerTurns(),
        new ConsoleMessages(console));
  }

  private void serve(Listening sockets, Export export, BlockGraph graph)
      throws UsageException, IOException {
    ServerLimits limits = arguments.limits.with(arguments.shared);
    try (NbdServer server = new NbdServer(limits, arguments.encryption, this)) {
      server.add(export);
      try {
        serve(sockets, server);
      } finally {
        // Or the server would wait for what nobody resumes any more, be it its own flush.
        for (Node node : graph.nodes()) {
          node.driver().engine().ifPresent(FaultEngine::resumeForGood);
        }
      }
    }
  }

  private void serve(Listening sockets, NbdServer server) throws UsageException, IOException {
    if (arguments.pidFile.isEmpty()) {
      serveUntilTheEnd(sockets, server);
    } else {
      try (PidFile _ = PidFile.write(arguments.pidFile.get())) {
        serveUntilTheEnd(sockets, server);
      }
    }
  }

  private void serveUntilTheEnd(Listening sockets, NbdServer server) throws IOException {
    sockets.sockets().forEach(server::listen);
    if (arguments.fork) {
      // To QEMU's tool a warning is a failure here, though the server runs.
      Startup.detach(console.complained() && program.isStandIn() ? 1 : 0);
    }
    try {
      end.await();
    } catch (InterruptedException asked) {
      interrupted = true;
    }
  }

  /** There is no kernel client in here; but first the mistakes that everybody would find. */
  private void refuse(String device) throws Refusal, UsageException {
    try (BlockGraph graph = graph()) {
      ServedImage.open(arguments, console, graph);
    }
    throw new UsageException(
        Files.exists(Path.of(device))
            ? "cannot connect to "
                + device
                + ": there is no kernel client in faultdisk; serve with --socket=PATH and run"
                + " 'nbd-client -unix PATH "
                + device
                + "'"
            : "Failed to open " + device + ": No such file or directory");
  }

  @Override
  public void log(String message) {
    console.report(message);
  }

  @Override
  public void disconnected(boolean negotiated, int remaining) {
    if (negotiated && remaining == 0 && !arguments.persistent) {
      end.countDown();
    }
  }
}
