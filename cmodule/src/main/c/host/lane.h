/*
 * Lanes: memory shared with the simulator, on which exactly one side runs at a time. The first one,
 * the control lane, loads modules and runs none of their code; each task that runs C code has
 * another one, with a thread and a stack of its own. One thread of all runs at a time.
 *
 * abi.h holds the layout and all numbers; it is written from the Java side, so the two cannot
 * disagree. This header uses no library type: both worlds of this folder include it, the one that
 * sees the C library and the one that sees linux/.
 */
#ifndef DMAKIT_LANE_H
#define DMAKIT_LANE_H

#include "abi.h"

#define LANE_U32(offset) (*(unsigned int *)(lane + (offset)))
#define LANE_U64(offset) (*(unsigned long *)(lane + (offset)))
#define CONTROL_U32(offset) (*(unsigned int *)(control_lane + (offset)))
#define CONTROL_U64(offset) (*(unsigned long *)(control_lane + (offset)))

extern __thread unsigned char *lane __attribute__((tls_model("initial-exec")));
extern unsigned char *control_lane;

/* What goes with a call beside its numbers. */
struct parcel {
	const char *texts[LANE_TEXT_COUNT_MAX]; /* NULL: none from here on */
	void *data;                             /* copied there and, after the answer, back */
	unsigned long data_bytes;
};

/*
 * Asks the simulator for a service and answers what it answered; functions may run meanwhile.
 *
 * @slot: in the section dmakit_services
 * @parcel: NULL for numbers alone
 */
long lane_call(const char *const *slot, const long args[LANE_ARG_COUNT],
	       const struct parcel *parcel);

/* As lane_call, for what is ours and stays when the module goes that asked for it. */
long lane_call_own(const char *const *slot, const long args[LANE_ARG_COUNT]);

/* The same, for what happened at an instruction of a module instead of in its call. */
long lane_call_at(unsigned long pc, const char *const *slot, const long args[LANE_ARG_COUNT],
		  const struct parcel *parcel);

/* The text that came with the last answer. */
char *lane_text(void);

/* Lets time pass and interrupts in, after as much work as the simulator allowed. */
void lane_tick(unsigned long pc);

/* The bounds of this lane's stack. */
extern __thread unsigned long lane_stack_start __attribute__((tls_model("initial-exec")));
extern __thread unsigned long lane_stack_end __attribute__((tls_model("initial-exec")));

/* Serves the simulator's wishes on the control lane until it asks to quit. */
void lane_serve(void);

/* Hands the turn over for the last time. */
void lane_leave(unsigned int kind);

/* Lets the thread that runs module code crash where it is. */
void lane_stop_active(void);

/* Opens memory of the simulator. */
int open_segment(unsigned int descriptor);

/* Maps the memory of the simulated machine; answers NULL, or what went wrong. */
const char *memory_map(void);

/* Applies the changes of the kernel's page table that came with a message. */
void memory_apply_changes(void);

/* Tells the simulator what driver code did to memory since the last call, and takes the budget. */
void memory_report_work(void);
void memory_take_budget(void);

/* Lets stores to registers reach the device that the code made by plain assignment. */
void memory_flush(void);

/* Stores past the caches up to now are in order; or they are told to the simulator as not so. */
void memory_in_order(void);
void memory_out_of_order(void);

/* Loads a module as a number; answers NULL, or what went wrong. */
const char *module_load(unsigned int number, const char *path);
void module_unload(unsigned int number);

/* The address of a variable or function of a module; 0 without such a symbol. */
unsigned long module_symbol(unsigned int number, const char *name);

/* The module's number and offset of an address, with SITE_FOREIGN; 0 outside of all modules. */
unsigned long module_site(unsigned long address);

/* Takes from the calling thread what module code has no business with; NULL, or what went wrong. */
const char *confine_thread(void);

/* Catches crashes of the calling thread. */
const char *crash_watch(void);

/* Crashes at an instruction of driver code, because of an access that the machine refuses. */
void crash_at(unsigned long pc, unsigned long va, int write) __attribute__((noreturn));

#endif
