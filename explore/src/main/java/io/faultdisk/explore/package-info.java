/**
 * The explorer: lists the fault points of a recorded run, tries a fault at each of them and every
 * state that a power cut may leave, and says what broke.
 *
 * <p>{@link io.faultdisk.explore.Explorer} is the way in. What is explored is a {@link
 * io.faultdisk.explore.Subject}: anything that can be recorded once, and then run with a fault and
 * checked, as often as there are {@link io.faultdisk.explore.Case cases}. Nothing here knows of
 * disks or files.
 */
@NullMarked
package io.faultdisk.explore;

import org.jspecify.annotations.NullMarked;
