/**
 * Puts storage systems that others wrote on a disk that loses power and fails: {@link
 * io.faultdisk.suites.PowerCuts} and {@link io.faultdisk.suites.InjectedFailures} do that to a
 * {@link io.faultdisk.suites.Subject}, and a {@link io.faultdisk.suites.History} judges what is
 * found afterwards. The subjects are in the packages below.
 */
@NullMarked
package io.faultdisk.suites;

import org.jspecify.annotations.NullMarked;
