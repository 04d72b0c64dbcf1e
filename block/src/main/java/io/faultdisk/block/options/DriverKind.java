package io.faultdisk.block.options;

/** The two sorts of driver that QEMU words its message about unknown options for. */
public enum DriverKind {
  /** Opens something outside: a file, memory; or is opened like one, as blkdebug is. */
  PROTOCOL,
  /** Interprets what another node holds. */
  FORMAT
}
