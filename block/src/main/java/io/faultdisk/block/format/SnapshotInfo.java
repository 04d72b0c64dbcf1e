package io.faultdisk.block.format;

/**
 * One internal snapshot.
 *
 * @param id as the format numbers it; unique
 * @param name chosen by the user; may occur twice
 * @param vmStateSize bytes of VM state
 * @param dateSeconds seconds since 1970
 * @param dateNanos nanoseconds within that second
 * @param vmClockNanos time that the guest had been running
 * @param icount executed instructions, -1 if unknown
 */
public record SnapshotInfo(
    String id,
    String name,
    long vmStateSize,
    int dateSeconds,
    int dateNanos,
    long vmClockNanos,
    long icount) {}
