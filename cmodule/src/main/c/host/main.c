int dmakit_host(int argc, char **argv);

int main(int argc, char **argv)
{
	return dmakit_host(argc, argv);
}
