/* tests/fuzz/replay_main.c - runs a fuzz target over every file of a folder: the corpus as a test
 * where libFuzzer is not linked in. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A seed is small; what is larger was put there by mistake. */
#define SEED_BYTES (1u << 20)

static int replay(const char *path)
{
    uint8_t *bytes = malloc(SEED_BYTES);
    FILE *in = fopen(path, "rb");
    size_t n = in != NULL && bytes != NULL ? fread(bytes, 1, SEED_BYTES, in) : 0;
    int bad = in == NULL || bytes == NULL;
    if (!bad) { /* a block of exactly its size, so that a sanitizer sees one read too many */
        uint8_t *exact = malloc(n ? n : 1);
        for (size_t i = 0; exact != NULL && i < n; i++)
            exact[i] = bytes[i];
        bad = exact == NULL || LLVMFuzzerTestOneInput(exact, n) != 0;
        free(exact);
    }
    if (in != NULL)
        fclose(in);
    free(bytes);
    return bad;
}

int main(int argc, char **argv)
{
    int n = 0, bad = argc != 2;
    DIR *folder = bad ? NULL : opendir(argv[1]);
    for (struct dirent *e; folder != NULL && (e = readdir(folder)) != NULL;) {
        char path[4096];
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", argv[1], e->d_name);
        bad |= replay(path);
        n++;
    }
    if (folder != NULL)
        closedir(folder);
    printf("%d seeds\n", n);
    return bad || n == 0;
}
