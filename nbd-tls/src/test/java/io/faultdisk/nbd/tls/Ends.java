package io.faultdisk.nbd.tls;

import io.faultdisk.nbd.SocketTransport;
import io.faultdisk.nbd.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** The two ends of a connection in this process. */
record Ends(Transport client, Transport server) implements AutoCloseable {

  /** A plain one. */
  static Ends plain() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SocketChannel client = SocketChannel.open(listener.getLocalAddress());
      return new Ends(new SocketTransport(client), new SocketTransport(listener.accept()));
    }
  }

  /** An end's part of a handshake. */
  interface Upgrade {
    Transport of(Transport plain) throws IOException;
  }

  /** Lets both ends do their part; fails as the server does, or else as the client does. */
  Ends upgrade(Upgrade clientPart, Upgrade serverPart) throws Exception {
    CompletableFuture<Transport> encrypted = async(() -> upgrade(client, clientPart));
    Transport accepted = upgrade(server, serverPart);
    return new Ends(get(encrypted), accepted);
  }

  private static Transport upgrade(Transport plain, Upgrade part) throws IOException {
    boolean good = false;
    try {
      Transport result = part.of(plain);
      good = true;
      return result;
    } finally {
      if (!good) {
        plain.close();
      }
    }
  }

  /** Runs it on a thread of its own. */
  static <T> CompletableFuture<T> async(Callable<T> body) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return body.call();
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        task -> Thread.ofPlatform().daemon().start(task));
  }

  /** What came of it, within a minute. */
  static <T> T get(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(60, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
