/*
 * queue/redis_tls.c - rediss://, where hiredis was built with TLS.
 *
 * hiredis checks the chain but not whose certificate it is, so the session is made here, with
 * the name that was asked for.
 */
#include "queue/redis_impl.h"

#ifdef WD_HAVE_HIREDIS_SSL
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>

#include <hiredis/hiredis_ssl.h>

static wd_status say(wd_error *why, const char *what, const char *file)
{
    char reason[160] = "";
    unsigned long code = ERR_get_error();
    if (code != 0)
        ERR_error_string_n(code, reason, sizeof(reason));
    ERR_clear_error();
    return wd_fail(why, WD_CONFIG, "TLS: %s %s: %s", what, file, reason);
}

static wd_status load_files(SSL_CTX *ctx, const wd_redis_url *url, wd_error *why)
{
    if (url->ca_file[0] == '\0' ? SSL_CTX_set_default_verify_paths(ctx) != 1
                                : SSL_CTX_load_verify_locations(ctx, url->ca_file, NULL) != 1)
        return say(why, "no certificates of authorities in", url->ca_file);
    if (url->cert_file[0] == '\0')
        return WD_OK;
    if (SSL_CTX_use_certificate_chain_file(ctx, url->cert_file) != 1)
        return say(why, "no certificate in", url->cert_file);
    const char *key = url->key_file[0] != '\0' ? url->key_file : url->cert_file;
    if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
        return say(why, "no key that fits the certificate in", key);
    return WD_OK;
}

/* The certificate must be that name's, or that address'. */
static bool expect(SSL *ssl, const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    return SSL_set_tlsext_host_name(ssl, host) == 1 && SSL_set1_host(ssl, host) == 1;
}

/* OpenSSL's signature. */
static int on_verified(int fine, X509_STORE_CTX *chain)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
    wd_redis *r = SSL_get_app_data(ssl);
    if (!fine)
        r->refused = X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain));
    return fine;
}

wd_status wd_redis_tls_start(redisContext *c, wd_redis *r, wd_error *why)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (ctx == NULL)
        return wd_fail(why, WD_NOMEM, "out of memory");
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_verified);
    wd_status s = load_files(ctx, &r->url, why);
    SSL *ssl = s == WD_OK ? SSL_new(ctx) : NULL;
    SSL_CTX_free(ctx); /* the session keeps it */
    if (s != WD_OK)
        return s;
    if (ssl == NULL || !expect(ssl, r->where.host)) {
        SSL_free(ssl);
        return wd_fail(why, WD_NOMEM, "out of memory");
    }
    SSL_set_app_data(ssl, r);
    if (redisInitiateSSL(c, ssl) == REDIS_OK) /* takes it, and only then */
        return WD_OK;
    SSL_free(ssl);
    return wd_fail(why, WD_NET, "%s", c->errstr);
}

bool wd_redis_has_tls(void)
{
    return true;
}

#else

wd_status wd_redis_tls_start(redisContext *c, wd_redis *r, wd_error *why)
{
    (void)c;
    (void)r;
    return wd_fail(why, WD_UNSUPPORTED, "this build has no TLS to Redis");
}

bool wd_redis_has_tls(void)
{
    return false;
}

#endif
