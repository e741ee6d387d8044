/* Requests to whoever runs the simulation: words in, text and a status out. */
#include "user.h"

int dmakit_control(int count, char **words, char **answer);

EXPORT int dmakit_control(int count, char **words, char **answer)
{
	char *request = malloc(WIRE_MESSAGE_MAX);
	size_t length = 0, size = 0;
	struct call call;
	int status = 2;

	*answer = NULL;
	for (int i = 0; request && i < count; i++) {
		size_t word = strlen(words[i]) + 1;

		if (length + word > WIRE_MESSAGE_MAX - sizeof(struct wire_message))
			break;
		memcpy(request + length, words[i], word);
		length += word;
	}
	do {
		char *larger = realloc(*answer, size + WIRE_MESSAGE_MAX + 1);

		if (!larger || !request)
			break;
		*answer = larger;
		begin(&call, OP_CONTROL);
		call.out.v[0] = size;
		call.data = request;
		call.length = length;
		call.answer = larger + size;
		call.answer_size = WIRE_MESSAGE_MAX;
		status = (int)finish_raw(&call);
		size += call.answer_length;
		larger[size] = 0;
	} while (call.in.v[1]);
	free(request);
	return status;
}
