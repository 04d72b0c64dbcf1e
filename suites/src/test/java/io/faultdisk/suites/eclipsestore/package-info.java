/** Eclipse Store. */
@NullMarked
package io.faultdisk.suites.eclipsestore;

import org.jspecify.annotations.NullMarked;
