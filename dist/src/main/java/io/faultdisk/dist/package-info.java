/** What belongs to the launchable product only: {@link io.faultdisk.dist.Training}. */
@NullMarked
package io.faultdisk.dist;

import org.jspecify.annotations.NullMarked;
