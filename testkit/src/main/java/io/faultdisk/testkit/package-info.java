@NullMarked
package io.faultdisk.testkit;

import org.jspecify.annotations.NullMarked;
