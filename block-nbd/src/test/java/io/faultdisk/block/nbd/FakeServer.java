package io.faultdisk.block.nbd;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A server that does what a test says, right or wrong: one script for each connection, in order,
 * and no more connections than scripts.
 */
final class FakeServer implements AutoCloseable {
  private final Path socket;
  private final ServerSocketChannel listening;
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final List<FakeSession> sessions = new CopyOnWriteArrayList<>();

  /** What happens on a connection; at its end, the server hangs up. */
  interface Script {
    void play(FakeSession session) throws Exception;
  }

  FakeServer(Path dir, Script... scripts) throws IOException {
    this(dir, List.of(scripts));
  }

  FakeServer(Path dir, List<Script> scripts) throws IOException {
    socket = dir.resolve("fake");
    listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listening.bind(UnixDomainSocketAddress.of(socket));
    start("fake-accept", () -> accept(scripts));
  }

  private void start(String name, Script script, FakeSession session) {
    start(
        name,
        () -> {
          try (session) {
            script.play(session);
          }
        });
  }

  private interface Action {
    void run() throws Exception;
  }

  private void start(String name, Action action) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name(name)
            .unstarted(
                () -> {
                  try {
                    action.run();
                  } catch (Exception | AssertionError e) {
                    failures.add(e);
                  }
                });
    threads.add(thread);
    thread.start();
  }

  private void accept(List<Script> scripts) throws IOException {
    for (Script script : scripts) {
      SocketChannel channel = listening.accept();
      FakeSession session = new FakeSession(channel);
      sessions.add(session);
      start("fake-session", script, session);
    }
    stopListening();
  }

  private void stopListening() throws IOException {
    listening.close();
    Files.deleteIfExists(socket);
  }

  Path socket() {
    return socket;
  }

  /** Connections so far. */
  int connections() {
    return sessions.size();
  }

  /** Waits for the end of all scripts; what failed in one fails the test. */
  void awaitEnd() throws InterruptedException {
    List<Thread> waited = new ArrayList<>();
    while (waited.size() < threads.size()) {
      Thread next = threads.get(waited.size());
      next.join();
      waited.add(next);
    }
    for (Throwable failure : failures) {
      throw new AssertionError("in a script of the server: " + failure, failure);
    }
  }

  /** Hangs up everywhere. */
  @Override
  public void close() throws IOException {
    stopListening();
    sessions.forEach(FakeSession::close);
  }
}
