package io.faultdisk.qmp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Somebody on the other end. Closing it, by any thread, ends reading and writing. */
public interface Link extends AutoCloseable {
  InputStream in();

  OutputStream out();

  @Override
  void close() throws IOException;
}
