/*
 * insmod, rmmod, lsmod, dmesg: hands its name and arguments to the simulation and prints what it
 * answers. The library in this process knows the way.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int control_function(int count, char **words, char **answer);

int main(int count, char **words)
{
	control_function *control = (control_function *)dlsym(RTLD_DEFAULT, "dmakit_control");
	char *slash = strrchr(words[0], '/');
	char *answer = NULL;
	int status;

	if (slash)
		words[0] = slash + 1;
	if (!control) {
		fprintf(stderr, "%s: this is no shell of dmakit\n", words[0]);
		return 2;
	}
	status = control(count, words, &answer);
	if (answer)
		fputs(answer, status ? stderr : stdout);
	free(answer);
	return status;
}
