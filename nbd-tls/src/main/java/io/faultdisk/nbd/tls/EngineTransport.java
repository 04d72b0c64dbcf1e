package io.faultdisk.nbd.tls;

import io.faultdisk.nbd.Transport;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * TLS as the JDK does it, over another transport.
 *
 * <pre>
 *   receive:  plain --> netIn [record|record|rec...] --unwrap--> the caller's buffer
 *                                                       \------> appIn, if that is too small
 *   send:     the caller's buffer --wrap--> netOut [record|record|...] --> plain
 * </pre>
 *
 * <p>As many records as fit cross the plain transport in one call. One thread may receive while
 * another sends: what each of them uses is its own, apart from the engine, which is made for that.
 *
 * <p>After the handshake, a peer may ask for new keys (TLS 1.3); the answer goes out with the next
 * thing that is sent, as the protocol allows, since a receiver must not wait for its peer to read.
 * Shaking hands again, as in TLS 1.2, is refused.
 *
 * <p>A peer that ends without saying so is taken at its word: NBD notices what is missing. In the
 * middle of a record it is an error.
 */
final class EngineTransport implements Transport {
  private static final int RECORDS = 4;

  private final Transport plain;
  private final SSLEngine engine;
  private final ReentrantLock sending = new ReentrantLock();

  /** From the peer; between calls, from position to limit is what is not decrypted yet. */
  private final ByteBuffer netIn;

  /** Decrypted, with the same rule; most of the time there is nothing in it. */
  private final ByteBuffer appIn;

  /** Encrypted; empty between calls. */
  private final ByteBuffer netOut;

  private volatile boolean stopped;

  /** No word has been said yet. */
  EngineTransport(Transport plain, SSLEngine engine) {
    this.plain = plain;
    this.engine = engine;
    int record = engine.getSession().getPacketBufferSize();
    this.netIn = ByteBuffer.allocateDirect(RECORDS * record).limit(0);
    this.netOut = ByteBuffer.allocateDirect(RECORDS * record);
    this.appIn = ByteBuffer.allocateDirect(engine.getSession().getApplicationBufferSize()).limit(0);
  }

  /**
   * Runs until both ends agree.
   *
   * @throws TlsException saying why they do not
   */
  void shakeHands() throws TlsException {
    try {
      engine.beginHandshake();
      runHandshake();
    } catch (SSLException e) {
      sendAlert();
      throw HandshakeProblem.of(e);
    } catch (IOException e) {
      throw new TlsException("TLS handshake failed: " + e.getMessage(), e);
    }
  }

  private void runHandshake() throws IOException {
    while (true) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> wrapHandshake();
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrapHandshake();
        case FINISHED, NOT_HANDSHAKING -> {
          return;
        }
      }
    }
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  private void wrapHandshake() throws IOException {
    netOut.clear();
    SSLEngineResult result;
    do {
      result = engine.wrap(appIn, netOut);
    } while (result.getStatus() == SSLEngineResult.Status.OK
        && result.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
        && netOut.remaining() >= netOut.capacity() / RECORDS);
    plain.send(netOut.flip());
    if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
      throw new EOFException("The TLS connection was closed");
    }
  }

  private void unwrapHandshake() throws IOException {
    appIn.clear();
    SSLEngineResult result;
    try {
      result = engine.unwrap(netIn, appIn);
    } finally {
      appIn.flip();
    }
    switch (result.getStatus()) {
      case BUFFER_UNDERFLOW -> {
        if (!fill()) {
          throw new EOFException("The TLS connection was non-properly terminated.");
        }
      }
      case CLOSED -> throw new EOFException("The TLS connection was closed");
      case BUFFER_OVERFLOW -> throw new IllegalStateException("a record larger than any");
      case OK -> {}
    }
  }

  /** After the engine has refused something it may have a last word for the peer. */
  private void sendAlert() {
    try {
      netOut.clear();
      engine.wrap(ByteBuffer.allocate(0), netOut);
      plain.send(netOut.flip());
    } catch (IOException e) {
      // The peer finds out when the connection is closed.
    }
  }

  /** The distinguished name in the peer's certificate, its parts in their order. */
  String peerName() throws TlsException {
    try {
      StringBuilder name = new StringBuilder();
      for (Rdn part : new LdapName(engine.getSession().getPeerPrincipal().getName()).getRdns()) {
        name.append(name.isEmpty() ? "" : ",").append(part);
      }
      return name.toString();
    } catch (SSLPeerUnverifiedException | InvalidNameException e) {
      throw new TlsException("Verify failed: No certificate was found.", e);
    }
  }

  @Override
  public int receive(ByteBuffer target) throws IOException {
    if (appIn.hasRemaining()) {
      int bytes = Math.min(appIn.remaining(), target.remaining());
      target.put(target.position(), appIn, appIn.position(), bytes);
      target.position(target.position() + bytes);
      appIn.position(appIn.position() + bytes);
      return bytes;
    }
    int start = target.position();
    while (true) {
      SSLEngineResult.Status status = unwrapInto(target);
      int received = target.position() - start;
      if (status == SSLEngineResult.Status.OK) {
        if (!target.hasRemaining()) {
          return received;
        }
      } else if (received > 0) {
        return received;
      } else if (appIn.hasRemaining()) {
        return receive(target);
      } else if (status == SSLEngineResult.Status.CLOSED || !fill()) {
        return -1;
      }
    }
  }

  /**
   * Decrypts one record, into {@link #appIn} if the target has too little room for it.
   *
   * @return {@code BUFFER_UNDERFLOW} if it has not come as a whole, {@code BUFFER_OVERFLOW} if it
   *     is in appIn
   */
  private SSLEngineResult.Status unwrapInto(ByteBuffer target) throws IOException {
    SSLEngineResult result = unwrap(target);
    if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
      appIn.clear();
      try {
        result = unwrap(appIn);
      } finally {
        appIn.flip();
      }
    }
    switch (result.getStatus()) {
      case OK -> afterUnwrap(result.getHandshakeStatus());
      case BUFFER_OVERFLOW -> throw new IllegalStateException("a record larger than any");
      case BUFFER_UNDERFLOW, CLOSED -> {}
    }
    return appIn.hasRemaining() ? SSLEngineResult.Status.BUFFER_OVERFLOW : result.getStatus();
  }

  private SSLEngineResult unwrap(ByteBuffer target) throws IOException {
    try {
      return engine.unwrap(netIn, target);
    } catch (SSLException e) {
      throw HandshakeProblem.inSession(e);
    }
  }

  private void afterUnwrap(HandshakeStatus status) throws IOException {
    if (status == HandshakeStatus.NOT_HANDSHAKING || status == HandshakeStatus.FINISHED) {
      return;
    }
    if (!engine.getSession().getProtocol().equals("TLSv1.3")) {
      throw new TlsException("the peer wants to shake hands again");
    }
    runTasks();
  }

  /** Takes more from the plain transport; false at its end. */
  private boolean fill() throws IOException {
    netIn.compact();
    int bytes;
    try {
      bytes = plain.receive(netIn);
    } finally {
      netIn.flip();
    }
    if (bytes < 0 && netIn.hasRemaining() && !stopped) {
      throw new EOFException("the peer ended in the middle of a TLS record");
    }
    return bytes >= 0;
  }

  @Override
  public void send(ByteBuffer source) throws IOException {
    sending.lock();
    try {
      while (source.hasRemaining()) {
        wrap(source);
        plain.send(netOut.flip());
      }
    } finally {
      sending.unlock();
    }
  }

  /** As many records as there is room for. */
  private void wrap(ByteBuffer source) throws IOException {
    netOut.clear();
    SSLEngineResult result;
    do {
      result = engine.wrap(source, netOut);
    } while (source.hasRemaining() && result.getStatus() == SSLEngineResult.Status.OK);
    if (result.getStatus() == SSLEngineResult.Status.CLOSED || netOut.position() == 0) {
      throw new IOException("the TLS connection is closed");
    }
  }

  @Override
  public void stopReceiving() {
    stopped = true;
    plain.stopReceiving();
  }

  @Override
  public void stopSending() throws IOException {
    sending.lock();
    try {
      engine.closeOutbound();
      netOut.clear();
      engine.wrap(ByteBuffer.allocate(0), netOut);
      plain.send(netOut.flip());
      plain.stopSending();
    } finally {
      sending.unlock();
    }
  }

  @Override
  public String peer() {
    return plain.peer();
  }

  @Override
  public void close() {
    plain.close();
  }
}
