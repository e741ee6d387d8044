/*
 * Red-black trees of struct members. The colour is the low bit of the parent's address: 1 is black.
 * The algorithms are those of the textbooks (Cormen et al., chapter 13).
 */
#include <dmakit/umbrella.h>

#define BLACK 1UL

static bool is_red(const struct rb_node *node)
{
	return node != NULL && !(node->__rb_parent_color & BLACK);
}

static void set_black(struct rb_node *node)
{
	node->__rb_parent_color |= BLACK;
}

static void set_red(struct rb_node *node)
{
	node->__rb_parent_color &= ~BLACK;
}

static void set_parent(struct rb_node *node, struct rb_node *parent)
{
	node->__rb_parent_color = (unsigned long)parent | (node->__rb_parent_color & BLACK);
}

static struct rb_node *child(struct rb_node *node, bool left)
{
	return left ? node->rb_left : node->rb_right;
}

/* Where the tree points to a node. */
static struct rb_node **link_to(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent = rb_parent(node);

	if (parent == NULL)
		return &root->rb_node;
	return parent->rb_left == node ? &parent->rb_left : &parent->rb_right;
}

/* The child on the other side takes the node's place, and the node becomes its child. */
static void rotate(struct rb_node *node, bool to_left, struct rb_root *root)
{
	struct rb_node *up = child(node, !to_left);
	struct rb_node *moved = child(up, to_left);

	*link_to(node, root) = up;
	set_parent(up, rb_parent(node));
	if (to_left) {
		up->rb_left = node;
		node->rb_right = moved;
	} else {
		up->rb_right = node;
		node->rb_left = moved;
	}
	set_parent(node, up);
	if (moved != NULL)
		set_parent(moved, node);
}

void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent;

	while (is_red(parent = rb_parent(node))) {
		struct rb_node *grandparent = rb_parent(parent);
		bool left = grandparent->rb_left == parent;
		struct rb_node *uncle = child(grandparent, !left);

		if (is_red(uncle)) {
			set_black(parent);
			set_black(uncle);
			set_red(grandparent);
			node = grandparent;
			continue;
		}
		if (child(parent, !left) == node) {
			rotate(parent, left, root);
			parent = node;
		}
		set_black(parent);
		set_red(grandparent);
		rotate(grandparent, !left, root);
		break;
	}
	set_black(root->rb_node);
}

/* The way through "node", a child of "parent", lacks one black node. */
static void restore_black(struct rb_node *node, struct rb_node *parent, struct rb_root *root)
{
	while (parent != NULL && !is_red(node)) {
		bool left = parent->rb_left == node;
		struct rb_node *sibling = child(parent, !left);

		if (is_red(sibling)) {
			set_black(sibling);
			set_red(parent);
			rotate(parent, left, root);
			sibling = child(parent, !left);
		}
		if (!is_red(sibling->rb_left) && !is_red(sibling->rb_right)) {
			set_red(sibling);
			node = parent;
			parent = rb_parent(node);
			continue;
		}
		if (!is_red(child(sibling, !left))) {
			set_black(child(sibling, left));
			set_red(sibling);
			rotate(sibling, !left, root);
			sibling = child(parent, !left);
		}
		if (is_red(parent))
			set_red(sibling);
		else
			set_black(sibling);
		set_black(parent);
		set_black(child(sibling, !left));
		rotate(parent, left, root);
		return;
	}
	if (node != NULL)
		set_black(node);
}

void rb_replace_node(struct rb_node *old, struct rb_node *node, struct rb_root *root)
{
	*link_to(old, root) = node;
	*node = *old;
	if (node->rb_left != NULL)
		set_parent(node->rb_left, node);
	if (node->rb_right != NULL)
		set_parent(node->rb_right, node);
}

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *only, *parent;
	bool was_black;

	if (node->rb_left != NULL && node->rb_right != NULL) {
		/* The next node, which has no left child, comes here. */
		struct rb_node *next = node->rb_right;

		while (next->rb_left != NULL)
			next = next->rb_left;
		only = next->rb_right;
		was_black = !is_red(next);
		parent = rb_parent(next) == node ? next : rb_parent(next);
		*link_to(next, root) = only;
		if (only != NULL)
			set_parent(only, parent);
		rb_replace_node(node, next, root);
	} else {
		only = node->rb_left != NULL ? node->rb_left : node->rb_right;
		was_black = !is_red(node);
		parent = rb_parent(node);
		*link_to(node, root) = only;
		if (only != NULL)
			set_parent(only, parent);
	}
	if (was_black)
		restore_black(only, parent, root);
}

static struct rb_node *end_of(struct rb_node *node, bool left)
{
	while (node != NULL && child(node, left) != NULL)
		node = child(node, left);
	return node;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return end_of(root->rb_node, true);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return end_of(root->rb_node, false);
}

static struct rb_node *neighbour(const struct rb_node *node, bool before)
{
	struct rb_node *at = (struct rb_node *)node, *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (child(at, before) != NULL)
		return end_of(child(at, before), !before);
	while ((parent = rb_parent(at)) != NULL && child(parent, before) == at)
		at = parent;
	return parent;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return neighbour(node, false);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return neighbour(node, true);
}

/* The first of those without children. */
static struct rb_node *deepest(struct rb_node *node)
{
	while (node->rb_left != NULL || node->rb_right != NULL)
		node = node->rb_left != NULL ? node->rb_left : node->rb_right;
	return node;
}

struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return root->rb_node == NULL ? NULL : deepest(root->rb_node);
}

struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	struct rb_node *parent = node == NULL ? NULL : rb_parent(node);

	if (parent != NULL && parent->rb_left == node && parent->rb_right != NULL)
		return deepest(parent->rb_right);
	return parent;
}

void rb_insert_color_cached(struct rb_node *node, struct rb_root_cached *root, bool leftmost)
{
	if (leftmost)
		root->rb_leftmost = node;
	rb_insert_color(node, &root->rb_root);
}

struct rb_node *rb_erase_cached(struct rb_node *node, struct rb_root_cached *root)
{
	struct rb_node *leftmost = NULL;

	if (root->rb_leftmost == node)
		leftmost = root->rb_leftmost = rb_next(node);
	rb_erase(node, &root->rb_root);
	return leftmost;
}
