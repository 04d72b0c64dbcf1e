package io.faultdisk.qmp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client that sends whatever it is told and takes what comes, line by line. For one thread. */
final class TestClient implements AutoCloseable {
  /** Much more than anything takes. */
  private static final long PATIENCE_SECONDS = 30;

  /** What {@link #line} answers once there is nobody on the other end. */
  static final String END = "<end>";

  private final SocketChannel channel;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  private TestClient(SocketChannel channel) {
    this.channel = channel;
    Thread.ofPlatform().daemon().name("test client").start(this::read);
  }

  static TestClient connect(Path socket) throws IOException {
    return new TestClient(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
  }

  static TestClient connect(SocketAddress address) throws IOException {
    return new TestClient(SocketChannel.open(address));
  }

  /** The same, past greeting and negotiation. */
  static TestClient ready(Path socket) throws IOException {
    TestClient client = connect(socket);
    client.line();
    client.ask("{\"execute\": \"qmp_capabilities\"}");
    return client;
  }

  private void read() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException gone) {
      // Told below.
    }
    lines.add(END);
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.UTF_8));
  }

  void send(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** The next line, whatever it is. */
  String line() {
    try {
      String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (line == null) {
        throw new AssertionError("no answer");
      }
      return line;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Sends a request; returns the events before the reply, and that. */
  List<String> exchange(String request) throws IOException {
    send(request);
    List<String> answer = new ArrayList<>();
    do {
      answer.add(line());
    } while (!isReply(answer.getLast()) && !answer.getLast().equals(END));
    return answer;
  }

  /** Sends a request; returns the reply. */
  String ask(String request) throws IOException {
    return exchange(request).getLast();
  }

  /** Everything up to a line that has a text in it. */
  List<String> until(String text) {
    List<String> got = new ArrayList<>();
    do {
      got.add(line());
    } while (!got.getLast().contains(text) && !got.getLast().equals(END));
    return got;
  }

  /** Not by parsing it: what QEMU makes of an infinite number is no JSON. */
  static boolean isReply(String line) {
    return line.contains("\"return\": ") || line.contains("\"error\": {\"class\": ");
  }

  /** Says that it will send no more. */
  void endInput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
