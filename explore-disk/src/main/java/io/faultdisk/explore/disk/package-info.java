/**
 * Explores what uses a disk: a disk in memory that records what is written and flushed, is reset in
 * no time, and can be set to any state that a power cut may leave.
 */
@NullMarked
package io.faultdisk.explore.disk;

import org.jspecify.annotations.NullMarked;
