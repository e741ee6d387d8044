/*
 * The lane: one page range shared with the simulator, on which exactly one side runs at a time.
 *
 * abi.h holds its layout and all numbers; it is written from the Java side, so the two cannot
 * disagree. This header uses no library type: both worlds of this folder include it, the one that
 * sees the C library and the one that sees linux/.
 */
#ifndef DMAKIT_LANE_H
#define DMAKIT_LANE_H

#include "abi.h"

#define LANE_U32(offset) (*(unsigned int *)(lane + (offset)))
#define LANE_U64(offset) (*(unsigned long *)(lane + (offset)))

extern unsigned char *lane;

/* Asks the simulator for a service and answers what it answered; functions may run meanwhile. */
long lane_call(unsigned int service, long a, long b, long c, long d, long e, long f);

/* The text that goes with the next call, or came with the last answer. */
char *lane_text(void);

/* Serves the simulator's wishes until it asks to quit. */
void lane_serve(void);

/* Hands the turn over for the last time. */
void lane_leave(unsigned int kind);

/* Maps the memory of the simulated machine; answers NULL, or what went wrong. */
const char *memory_map(int simulator_pid);

/* Applies the changes of the kernel's page table that came with a message. */
void memory_apply_changes(void);

/* Puts on the lane what driver code did to memory since the last call. */
void memory_report_work(void);

/* Loads a module; answers NULL, or what went wrong. */
const char *module_load(const char *path);

/* What a pointer variable of the module points to; 0 without such a variable. */
unsigned long module_function(const char *variable);

/* Catches crashes of what is loaded; frames are reported relative to [start, end). */
void crash_watch(void);
void crash_module_at(unsigned long start, unsigned long end);

#endif
