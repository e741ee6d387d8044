/* Functions of subsystems that may not be there: who calls one of these without it crashes. */
#ifndef DMAKIT_KERNEL_PENDING_H
#define DMAKIT_KERNEL_PENDING_H

#pragma weak _dev_printk
#pragma weak devres_add
#pragma weak devres_alloc
#pragma weak devres_destroy
#pragma weak devres_free
#pragma weak devres_release
#pragma weak dmakit_bug
#pragma weak dmakit_jiffies
#pragma weak dmakit_relax
#pragma weak dmakit_spin_lock_irqsave
#pragma weak dmakit_strscpy
#pragma weak dmakit_warn
#pragma weak might_sleep
#pragma weak remap_pfn_range
#pragma weak spin_lock_init
#pragma weak spin_lock_irq
#pragma weak spin_unlock_irq
#pragma weak spin_unlock_irqrestore
#pragma weak tasklet_kill
#pragma weak tasklet_schedule
#pragma weak tasklet_setup

#endif
