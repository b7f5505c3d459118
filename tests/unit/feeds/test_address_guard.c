/* Which addresses may be spoken to: every special range, every wrapping, the allow-list. */
#include "feeds/address_guard.h"
#include "tests/support/check.h"

static const struct sockaddr *address(const char *text)
{
    static struct sockaddr_storage a;
    if (!wd_address_parse(wd_span_of(text), &a))
        fail_msg("%s is not an address", text);
    return (const struct sockaddr *)&a;
}

static void only_public_addresses_pass(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_public;
    } rows[] = {
        { "93.184.216.34", true },
        { "1.1.1.1", true },
        { "172.15.255.255", true },
        { "172.32.0.1", true },
        { "100.63.255.255", true },
        { "100.128.0.0", true },
        { "223.255.255.255", true },
        { "0.0.0.0", false },
        { "10.1.2.3", false },
        { "100.64.0.1", false },
        { "127.0.0.1", false },
        { "127.255.255.254", false },
        { "169.254.169.254", false },
        { "172.16.0.1", false },
        { "172.31.255.255", false },
        { "192.0.0.8", false },
        { "192.0.2.1", false },
        { "192.88.99.1", false },
        { "192.168.1.1", false },
        { "198.18.0.1", false },
        { "198.19.255.255", false },
        { "198.51.100.7", false },
        { "203.0.113.9", false },
        { "224.0.0.251", false },
        { "240.0.0.1", false },
        { "255.255.255.255", false },
        { "2606:2800:220:1:248:1893:25c8:1946", true },
        { "2001:4860:4860::8888", true },
        { "::", false },
        { "::1", false },
        { "fe80::1", false },
        { "fc00::1", false },
        { "fd12:3456::1", false },
        { "ff02::1", false },
        { "2001:db8::1", false },
        { "3fff::1", false },
        { "2001:0:53aa::1", false },
        { "4000::1", false },
        { "::ffff:127.0.0.1", false },
        { "::ffff:10.0.0.1", false },
        { "::ffff:93.184.216.34", true },
        { "::127.0.0.1", false },
        { "64:ff9b::7f00:2", false },
        { "64:ff9b::a9fe:a9fe", false },
        { "64:ff9b::5db8:d822", true },
        { "64:ff9b:1::5db8:d822", false },
        { "2002:7f00:1::", false },
        { "2002:c0a8:101::1", false },
        { "2002:5db8:d822::1", true },
    };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (wd_address_is_public(address(rows[i].text)) != rows[i].is_public)
            fail_msg("%s: want %s", rows[i].text, rows[i].is_public ? "public" : "denied");
}

static void other_families_are_denied(void **state)
{
    (void)state;
    const struct sockaddr unix_socket = { .sa_family = AF_UNIX };
    assert_false(wd_address_is_public(&unix_socket));
    static const char *const all[] = { "0.0.0.0/0", "::/0", NULL };
    assert_false(wd_address_in(&unix_socket, all));
}

static void the_allow_list_is_prefixes(void **state)
{
    (void)state;
    static const char *const list[] = { "127.0.0.1/32", "junk", "10.8.0.0/13", "fd00::/8", NULL };
    static const struct {
        const char *text;
        bool allowed;
    } rows[] = { { "127.0.0.1", true },        { "127.0.0.2", false },
                 { "::ffff:127.0.0.1", true }, { "::ffff:127.0.0.2", false },
                 { "64:ff9b::7f00:1", false }, { "10.8.0.1", true },
                 { "10.15.255.255", true },    { "10.16.0.0", false },
                 { "fdab::1", true },          { "fe80::1", false },
                 { "2002:7f00:1::1", false } };
    for (size_t i = 0; i < WD_COUNT(rows); i++)
        if (wd_address_in(address(rows[i].text), list) != rows[i].allowed)
            fail_msg("%s: want %s", rows[i].text, rows[i].allowed ? "allowed" : "not");
    assert_false(wd_address_in(address("127.0.0.1"), NULL));
}

static void reads_cidrs(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int bits; /* -1: refused */
    } rows[] = { { "127.0.0.1/32", 32 },
                 { " 10.0.0.0/8 ", 8 },
                 { "::1", 128 },
                 { "192.168.1.1", 32 },
                 { "0.0.0.0/0", 0 },
                 { "fd00::/129", -1 },
                 { "10.0.0.0/33", -1 },
                 { "10.0.0.0/", -1 },
                 { "10.0.0/8", -1 },
                 { "localhost", -1 },
                 { "", -1 },
                 { "/8", -1 },
                 { "10.0.0.0/-1", -1 },
                 { "10.0.0.0/8/8", -1 } };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        wd_cidr c = { .bits = 0 };
        bool ok = wd_cidr_parse(wd_span_of(rows[i].text), &c);
        if (ok != (rows[i].bits >= 0) || (ok && c.bits != rows[i].bits))
            fail_msg("\"%s\": want %d, got %d", rows[i].text, rows[i].bits, ok ? c.bits : -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(only_public_addresses_pass),
                                        cmocka_unit_test(other_families_are_denied),
                                        cmocka_unit_test(the_allow_list_is_prefixes),
                                        cmocka_unit_test(reads_cidrs) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
