// Temporary files and directories.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
  char file[] = "/tmp/temporary-XXXXXX", other[] = "/tmp/temporary-XXXXXX";
  const int descriptor = mkstemp(file);
  const int second = mkstemp(other);
  printf("%d %d %d\n", descriptor >= 0, second >= 0, strcmp(file, other) != 0);
  printf("%zd\n", write(descriptor, "kept", 4));
  struct stat status;
  stat(file, &status);
  printf("%d %d\n", S_ISREG(status.st_mode), (int)status.st_size);
  unlink(file);
  unlink(other);

  char suffixed[] = "/tmp/temporary-XXXXXX.log";
  printf("%d %d\n", mkstemps(suffixed, 4) >= 0, strcmp(strrchr(suffixed, '.'), ".log") == 0);
  unlink(suffixed);

  char directory[] = "/tmp/temporary-XXXXXX";
  printf("%d\n", mkdtemp(directory) == directory);
  stat(directory, &status);
  printf("%d\n", S_ISDIR(status.st_mode));
  rmdir(directory);

  char bad[] = "/tmp/no-pattern";
  errno = 0;
  printf("%d", mkstemp(bad));
  printf(" %d\n", errno == EINVAL);
  char absent[] = "/no-such-directory/XXXXXX";
  printf("%d", mkstemp(absent));
  printf(" %d\n", errno == ENOENT);

  FILE *stream = tmpfile();
  fprintf(stream, "nameless %d", 7);
  rewind(stream);
  char text[32];
  printf("%s\n", fgets(text, sizeof text, stream));
  fclose(stream);
  return 0;
}
