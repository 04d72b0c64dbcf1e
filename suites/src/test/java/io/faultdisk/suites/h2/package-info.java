/** H2: its store by itself, and the SQL database on it. */
@NullMarked
package io.faultdisk.suites.h2;

import org.jspecify.annotations.NullMarked;
