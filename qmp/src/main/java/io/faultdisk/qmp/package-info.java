/**
 * The QEMU Machine Protocol, as qemu-storage-daemon 7.2 speaks it.
 *
 * <p>{@code JsonStream} of base makes values of bytes, a session holds one conversation, a table
 * finds the command, {@link io.faultdisk.qmp.schema.ArgumentChecker} checks what was given by the
 * {@link io.faultdisk.qmp.schema.Schema}, which is data and what {@code query-qmp-schema} prints.
 * The commands themselves call {@link io.faultdisk.daemon} and do nothing else.
 */
@NullMarked
package io.faultdisk.qmp;

import org.jspecify.annotations.NullMarked;
