package io.faultdisk.qmp;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a client has sent and nobody has looked at yet. One thread puts it in and so learns when the
 * client leaves, however long another takes for what it takes out.
 *
 * <p>Bounded: at {@value #BYTES_MAX} bytes the client is not read any further.
 */
final class ReadAhead {
  private static final int BYTES_MAX = 1 << 16;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<byte[]> pieces = new ArrayDeque<>();
  private int bytes;
  private boolean complete;
  private boolean refused;

  /** Puts more in, not nothing; waits while there is too much. Says whether anybody wants it. */
  boolean put(byte[] piece) {
    lock.lock();
    try {
      while (bytes > 0 && bytes + piece.length > BYTES_MAX && !refused) {
        changed.awaitUninterruptibly();
      }
      if (!refused) {
        pieces.add(piece);
        bytes += piece.length;
        changed.signalAll();
      }
      return !refused;
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more will be put in. */
  void complete() {
    lock.lock();
    try {
      complete = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes the oldest piece out, waiting for it; nothing at the end. */
  byte[] take() {
    lock.lock();
    try {
      while (pieces.isEmpty() && !complete && !refused) {
        changed.awaitUninterruptibly();
      }
      byte[] piece = pieces.poll();
      if (piece == null) {
        return new byte[0];
      }
      bytes -= piece.length;
      changed.signalAll();
      return piece;
    } finally {
      lock.unlock();
    }
  }

  /** Nobody wants what is in it, or any more. */
  void refuse() {
    lock.lock();
    try {
      refused = true;
      pieces.clear();
      bytes = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
