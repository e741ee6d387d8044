package dmakit.cmodule.user;

import dmakit.kernel.chardev.UserProcess;

/**
 * One program that runs: a process of the host, and of the simulation.
 *
 * @param pid number of the host's process
 * @param user the simulation's side of it
 * @param memory its memory, where the host has it
 */
record NativeProcess(int pid, UserProcess user, NativeMemory memory) {}
