// run: --do 'cat /dev/poll_queue & sleep 0.01; echo one > /dev/poll_queue; echo two > /dev/poll_queue; sleep 0.01; kill $!; wait; true'
// Blocking reads and poll on a queue of messages, with references counted.
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

struct message {
	struct list_head node;
	struct kref refs;
	size_t length;
	char text[];
};

static LIST_HEAD(messages);
static DEFINE_SPINLOCK(messages_lock);
static DECLARE_WAIT_QUEUE_HEAD(arrived);

static void message_free(struct kref *refs)
{
	kfree(container_of(refs, struct message, refs));
}

static struct message *take_first(void)
{
	struct message *first;
	unsigned long flags;

	spin_lock_irqsave(&messages_lock, flags);
	first = list_first_entry_or_null(&messages, struct message, node);
	if (first)
		list_del(&first->node);
	spin_unlock_irqrestore(&messages_lock, flags);
	return first;
}

static ssize_t queue_read(struct file *file, char __user *to, size_t count, loff_t *at)
{
	struct message *message;
	ssize_t length;

	while (!(message = take_first())) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(arrived, !list_empty(&messages)))
			return -ERESTARTSYS;
	}
	length = min(count, message->length);
	if (copy_to_user(to, message->text, length))
		length = -EFAULT;
	kref_put(&message->refs, message_free);
	return length;
}

static ssize_t queue_write(struct file *file, const char __user *from, size_t count, loff_t *at)
{
	struct message *message;

	if (count > PAGE_SIZE)
		return -EMSGSIZE;
	message = kmalloc(struct_size(message, text, count), GFP_KERNEL);
	if (!message)
		return -ENOMEM;
	kref_init(&message->refs);
	message->length = count;
	if (copy_from_user(message->text, from, count)) {
		kfree(message);
		return -EFAULT;
	}
	spin_lock_irq(&messages_lock);
	list_add_tail(&message->node, &messages);
	spin_unlock_irq(&messages_lock);
	wake_up_interruptible(&arrived);
	return count;
}

static __poll_t queue_poll(struct file *file, poll_table *table)
{
	poll_wait(file, &arrived, table);
	return EPOLLOUT | EPOLLWRNORM | (list_empty(&messages) ? 0 : EPOLLIN | EPOLLRDNORM);
}

static const struct file_operations queue_fops = {
	.owner = THIS_MODULE,
	.read = queue_read,
	.write = queue_write,
	.poll = queue_poll,
	.llseek = noop_llseek,
};

static struct miscdevice queue_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "poll_queue",
	.fops = &queue_fops,
	.mode = 0666,
};

static int __init queue_init(void)
{
	return misc_register(&queue_device);
}

static void __exit queue_exit(void)
{
	struct message *message;

	misc_deregister(&queue_device);
	while ((message = take_first()))
		kref_put(&message->refs, message_free);
}

module_init(queue_init);
module_exit(queue_exit);
MODULE_LICENSE("GPL");
