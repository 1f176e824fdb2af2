// The resolver has nothing to set up here; names are looked up with getaddrinfo.
#ifndef BACKTAB_COMPAT_RESOLV_H
#define BACKTAB_COMPAT_RESOLV_H

#include <arpa/nameser.h>
#include <netinet/in.h>

#ifdef __cplusplus
extern "C" {
#endif

int res_init(void);

#ifdef __cplusplus
}
#endif

#endif
