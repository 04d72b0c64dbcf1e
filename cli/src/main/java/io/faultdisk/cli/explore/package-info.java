/**
 * {@code explore}: every fault point of a workload in turn, and every state a power cut may leave.
 */
@NullMarked
package io.faultdisk.cli.explore;

import org.jspecify.annotations.NullMarked;
