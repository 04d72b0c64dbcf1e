/**
 * The {@code daemon} command: a storage daemon in the manner of qemu-storage-daemon, with live
 * control over HTTP beside QMP. Entry: {@link io.faultdisk.cli.daemon.DaemonTool}.
 *
 * <p>{@code DaemonOptions} is the list of its options; each does its work at once, in the order of
 * the command line, on a {@code RunningDaemon}. {@code CharacterDevices} are what {@code --chardev}
 * makes and {@code --monitor} uses.
 */
@NullMarked
package io.faultdisk.cli.daemon;

import org.jspecify.annotations.NullMarked;
