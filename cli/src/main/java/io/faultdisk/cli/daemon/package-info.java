/**
 * The {@code daemon} command: a storage daemon in the manner of qemu-storage-daemon, with live
 * control over HTTP beside QMP.
 */
@NullMarked
package io.faultdisk.cli.daemon;

import org.jspecify.annotations.NullMarked;
