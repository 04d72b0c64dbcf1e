/**
 * qcow2 under faults, ours against the real tools: the failure matrix and random workloads.
 *
 * <p>Both run the same calls in the same directory, one after the other, from the same files.
 * Compared are the texts, the exit codes and the bytes of all files; where bytes differ (the date
 * of a snapshot), what {@code qemu-img check} says and what the guest would read.
 */
@NullMarked
package io.faultdisk.cli.matrix;

import org.jspecify.annotations.NullMarked;
