package io.faultdisk.nbd.server;

/** A client did what no client may: the connection ends. The message is for the server's log. */
final class ProtocolViolation extends Exception {
  private static final long serialVersionUID = 1L;

  ProtocolViolation(String what) {
    super(what, null, false, false);
  }
}
