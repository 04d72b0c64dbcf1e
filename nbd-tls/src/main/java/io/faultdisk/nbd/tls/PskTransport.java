package io.faultdisk.nbd.tls;

import io.faultdisk.nbd.Transport;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.TlsClient;
import org.bouncycastle.tls.TlsClientProtocol;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.bouncycastle.tls.TlsProtocol;
import org.bouncycastle.tls.TlsServer;
import org.bouncycastle.tls.TlsServerProtocol;

/**
 * TLS with a pre-shared key as Bouncy Castle does it, over another transport.
 *
 * <p>One thread may receive while another sends; the library is made for that, except that a
 * receiver may want to send an alert. It does not here: who is cut off sees that.
 *
 * <p>The library works on arrays, so everything is copied once more, and it makes an array for each
 * record that is sent.
 */
final class PskTransport implements Transport {
  /** What is handed to the library at once: some whole records. */
  private static final int PIECE_BYTES = 64 << 10;

  private final Transport plain;
  private final TransportStreams.In in;
  private final TransportStreams.Out out;
  private final ReentrantLock sending = new ReentrantLock();
  private final TlsProtocol protocol;
  private final byte[] received = new byte[PIECE_BYTES];
  private final byte[] sent = new byte[PIECE_BYTES];
  private volatile boolean stopped;

  /** The receiver's. */
  private boolean ended;

  private PskTransport(Transport plain, boolean server) {
    this.plain = plain;
    this.in = new TransportStreams.In(plain);
    this.out = new TransportStreams.Out(plain);
    this.protocol = server ? new ServerSide() : new ClientSide();
  }

  /** Shakes hands as the server. */
  static Transport accept(Transport plain, TlsServer server) throws TlsException {
    PskTransport transport = new PskTransport(plain, true);
    transport.shakeHands(() -> ((TlsServerProtocol) transport.protocol).accept(server));
    return transport;
  }

  /** Shakes hands as the client. */
  static Transport connect(Transport plain, TlsClient client) throws TlsException {
    PskTransport transport = new PskTransport(plain, false);
    transport.shakeHands(() -> ((TlsClientProtocol) transport.protocol).connect(client));
    return transport;
  }

  private interface Handshake {
    void run() throws IOException;
  }

  private void shakeHands(Handshake handshake) throws TlsException {
    sending.lock();
    try {
      handshake.run();
      out.push();
      out.gather();
    } catch (TlsFatalAlertReceived e) {
      throw new TlsException("TLS handshake failed: the other end says " + e.getMessage(), e);
    } catch (TlsFatalAlert e) {
      throw new TlsException("TLS handshake failed: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new TlsException("TLS handshake failed: " + e.getMessage(), e);
    } finally {
      sending.unlock();
    }
  }

  /** Whether this thread may send a record of this kind. */
  private boolean mayWrite(short type) {
    return type != ContentType.alert || sending.isHeldByCurrentThread();
  }

  /** Says that nothing more comes from us. */
  private interface Goodbye {
    void sayGoodbye() throws IOException;
  }

  /** The peer has ended; to the library, that is to be no reason for ending, too. */
  private static final class Ended extends InterruptedIOException {
    private static final long serialVersionUID = 1L;

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }

  private final class ServerSide extends TlsServerProtocol implements Goodbye {
    ServerSide() {
      super(in, out);
    }

    @Override
    protected void writeRecord(short type, byte[] buf, int off, int len) throws IOException {
      if (mayWrite(type)) {
        super.writeRecord(type, buf, off, len);
      }
    }

    @Override
    protected void handleClose(boolean canceled) throws IOException {
      throw new Ended();
    }

    @Override
    public void sayGoodbye() throws IOException {
      raiseAlertWarning(AlertDescription.close_notify, "");
    }
  }

  private final class ClientSide extends TlsClientProtocol implements Goodbye {
    ClientSide() {
      super(in, out);
    }

    @Override
    protected void writeRecord(short type, byte[] buf, int off, int len) throws IOException {
      if (mayWrite(type)) {
        super.writeRecord(type, buf, off, len);
      }
    }

    @Override
    protected void handleClose(boolean canceled) throws IOException {
      throw new Ended();
    }

    @Override
    public void sayGoodbye() throws IOException {
      raiseAlertWarning(AlertDescription.close_notify, "");
    }
  }

  @Override
  public int receive(ByteBuffer target) throws IOException {
    int first = receiveSome(target);
    int bytes = first;
    while (first > 0
        && target.hasRemaining()
        && (protocol.applicationDataAvailable() > 0 || in.hasRecord())) {
      in.waits(false);
      try {
        int more = receiveSome(target);
        if (more < 0) {
          break; // the next call finds that out again
        }
        bytes += more;
      } catch (TransportStreams.NothingThere e) {
        break; // what was there was not for us
      } finally {
        in.waits(true);
      }
    }
    return bytes;
  }

  private int receiveSome(ByteBuffer target) throws IOException {
    if (ended) {
      return -1;
    }
    int bytes;
    try {
      bytes =
          protocol.readApplicationData(received, 0, Math.min(target.remaining(), received.length));
    } catch (Ended e) {
      ended = true;
      return -1;
    } catch (EOFException e) {
      if (stopped) {
        return -1;
      }
      throw new EOFException("the peer ended in the middle of a TLS record");
    }
    if (bytes > 0) {
      target.put(received, 0, bytes);
    }
    return bytes;
  }

  @Override
  public void send(ByteBuffer source) throws IOException {
    sending.lock();
    try {
      while (source.hasRemaining()) {
        int bytes = Math.min(source.remaining(), sent.length);
        source.get(sent, 0, bytes);
        protocol.writeApplicationData(sent, 0, bytes);
      }
      out.push();
    } finally {
      sending.unlock();
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
      ((Goodbye) protocol).sayGoodbye();
      out.push();
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
