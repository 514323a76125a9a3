"""Why each attempt of the suite of escapes is refused (docs/specs/sandbox.md, section 16), by backend where the backends
differ, and which attempts one layer alone stops."""

BACKENDS = ("own", "bwrap")
# The reason for which each attempt is refused inside.
REFUSED = {
    "read_path": "ENOENT", "read_by_link_of_the_project": "ENOENT", "read_by_own_link": "ENOENT", "read_hidden_name": "ENOENT",
    "read_hidden_name_in_another_case": "ENOENT", "read_hard_link_of_a_hidden_name": "ENOENT",
    "read_below_a_hidden_folder": "ENOENT",
    "uncover_a_hidden_name": "ENOENT", "uncover_a_hidden_folder": "ENOENT", "uncover_by_rename": "EXDEV",
    "clean_configuration_of_git": "another content", "device_node_of_the_project": "ENOENT", "root_of_a_host_process": "ENOENT",
    "environment_of_a_host_process": "ENOENT", "descriptor_of_a_host_process": "ENOENT", "memory_of_a_host_process": "ENOENT",
    "environment_of_the_caller": "not set", "inherited_descriptor": "EBADF", "shared_memory_by_name": "ENOENT",
    "shared_memory_by_key": "ENOENT", "keyring": "EPERM", "temporary_file_of_the_host": "ENOENT",
    "users_of_the_host": "another content",
    "write_path": "ENOENT", "write_by_link_of_the_project": "ENOENT", "write_by_own_link": "ENOENT",
    "write_a_read_only_tree": "EROFS", "change_a_file_of_a_read_only_tree": "EROFS",
    "change_the_mode_of_a_read_only_tree": "EROFS", "write_an_inherited_descriptor": "EBADF",
    "truncate_standard_input": "EINVAL", "write_standard_input_by_name": "ESPIPE", "bind_a_folder": "EPERM",
    "set_id_file": "EPERM", "set_id_file_by_open": "EPERM", "type_into_a_terminal": "EPERM",
    "loopback_of_the_host": "ECONNREFUSED", "address_of_the_host": "ENETUNREACH", "unspecified_address": "ECONNREFUSED",
    "mapped_loopback": "ECONNREFUSED", "datagram_to_the_host": "ECONNREFUSED", "datagram_to_an_address": "ENETUNREACH",
    "name_server": "ECONNREFUSED", "raw_socket": "EPERM", "interfaces_of_the_host": "lo alone",
    "abstract_socket": "ECONNREFUSED", "pathname_socket": "ENOENT", "socket_in_the_project": "ENOENT",
    "socket_in_a_read_tree": "ECONNREFUSED", "socket_of_the_gateway": "ENOENT", "vsock": "EAFNOSUPPORT",
    "vsock_by_a_wide_family": "EAFNOSUPPORT", "cryptography_socket": "EAFNOSUPPORT", "netlink_of_events": "EAFNOSUPPORT",
    "nested_user_namespace": "EPERM", "nested_by_clone": "EPERM", "by_clone3": "ENOSYS", "io_uring": "ENOSYS",
    "a_kernel_interface": "EPERM", "int_0x80": "signal 31", "x32": "signal 31", "personality": "EPERM",
    "modify_ldt": "EPERM", "unfiltered": "EPERM", "handle_of_a_file": "ENOTSUP", "watch_of_a_mount": "EPERM",
    "page_gifts": "EPERM", "core_handler_of_the_host": "EPERM",
    "signal_to_a_host_process": "ESRCH", "trace_of_a_host_process": "EPERM", "trace_of_a_child": "EPERM",
    "memory_of_a_child_by_a_call": "EPERM", "descriptor_of_a_child": "EPERM",
    "descriptor_of_a_host_process_by_a_call": "ESRCH", "arguments_of_the_first_process": "empty", "fork_bomb": "EAGAIN",
}
# What bubblewrap's sandbox refuses for another reason: the project is a copy without the hidden names, where a handle can be
# had and a folder moved, and a tree in `read` is a bind, for which the filter refuses unix sockets but connected pairs.
BY_BUBBLEWRAP = {"uncover_by_rename": "ENOENT", "handle_of_a_file": "EPERM"} | dict.fromkeys(
    ("abstract_socket", "pathname_socket", "socket_in_the_project", "socket_in_a_read_tree", "socket_of_the_gateway"),
    "EAFNOSUPPORT")


# What isolation `reduced` refuses for another reason, as the host's tree and processes are there and Landlock refuses them; and
# what only mounts hold, so that it succeeds.
IN_REDUCED = BY_BUBBLEWRAP | dict.fromkeys(
    ("read_path", "read_by_link_of_the_project", "read_by_own_link", "root_of_a_host_process", "environment_of_a_host_process",
     "descriptor_of_a_host_process", "memory_of_a_host_process", "shared_memory_by_name", "temporary_file_of_the_host",
     "write_path", "write_by_link_of_the_project", "write_by_own_link", "write_a_read_only_tree",
     "change_a_file_of_a_read_only_tree", "type_into_a_terminal", "loopback_of_the_host", "address_of_the_host",
     "unspecified_address", "mapped_loopback", "unfiltered", "arguments_of_the_first_process"), "EACCES") | dict.fromkeys(
    ("shared_memory_by_key", "datagram_to_the_host", "datagram_to_an_address", "name_server", "interfaces_of_the_host",
     "cryptography_socket", "netlink_of_events", "signal_to_a_host_process", "descriptor_of_a_host_process_by_a_call"), "EPERM")
ONLY_BY_MOUNTS = {"users_of_the_host", "change_the_mode_of_a_read_only_tree"}


def reasons(form: str) -> dict[str, str]:
    return REFUSED | {"own": {}, "bwrap": BY_BUBBLEWRAP, "reduced": IN_REDUCED}[form]


# What a kernel or a machine may lack, by the error without a sandbox.
ABSENT = {
    "keyring": {"ENOSYS"}, "cryptography_socket": {"EAFNOSUPPORT"}, "vsock": {"EAFNOSUPPORT"}, "x32": {"ENOSYS"},
    "vsock_by_a_wide_family": {"EAFNOSUPPORT"}, "int_0x80": {"signal 11"}, "type_into_a_terminal": {"EIO"},
    "interfaces_of_the_host": {"lo alone"}, "address_of_the_host": {"ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH"},
    "datagram_to_an_address": {"ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH", "timed out"}, "trace_of_a_child": {"EPERM"},
    "trace_of_a_host_process": {"EPERM"}, "modify_ldt": {"ENOSYS"}, "watch_of_a_mount": {"ENOSYS", "EPERM"},
    "handle_of_a_file": {"EPERM"}, "device_node_of_the_project": {"ENOENT"},
}
# What the filter of system calls alone stops (docs/specs/sandbox.md, section 16), and what else it does: further forms of the
# same, and calls between processes of one sandbox.
WITHOUT_FILTER = {
    "set_id_file", "set_id_file_by_open", "vsock", "vsock_by_a_wide_family", "cryptography_socket", "netlink_of_events",
    "nested_user_namespace", "nested_by_clone", "by_clone3", "raw_socket", "io_uring", "a_kernel_interface", "int_0x80", "x32",
    "personality", "modify_ldt", "unfiltered", "keyring", "type_into_a_terminal", "page_gifts", "trace_of_a_child",
    "core_handler_of_the_host",
    "memory_of_a_child_by_a_call", "descriptor_of_a_child", "handle_of_a_file", "watch_of_a_mount",
}
# With bubblewrap the filter alone also keeps the sockets of a bound tree out of reach.
WITHOUT_FILTER_OF_BUBBLEWRAP = {"socket_in_a_read_tree"}
# What Landlock alone stops: nothing, while the mounts are right.
WITHOUT_LANDLOCK: set[str] = set()
# What is hidden in the project; in a copy also by a folder that moves.
WITHOUT_HIDING = {"read_hidden_name", "read_hidden_name_in_another_case", "read_hard_link_of_a_hidden_name",
                  "read_below_a_hidden_folder", "uncover_a_hidden_name", "uncover_a_hidden_folder", "clean_configuration_of_git"}
WITHOUT_HIDING_OF_BUBBLEWRAP = {"uncover_by_rename"}

# The proxy. `http` and a tunnel say the reason themselves; what is refused after the answer is closed; SOCKS says 2.
PROXIED = {
    "suffix": "no-rule", "subdomain": "no-rule", "prefix": "no-rule", "another name": "no-rule", "shorter": "no-rule",
    "apex of the wildcard": "no-rule", "wildcard without the dot": "no-rule", "below another": "no-rule", "asterisk": "bad-host",
    "port": "port", "port with a leading zero": "bad-request", "no port": "bad-request", "user information": "bad-host",
    "two names": "bad-host", "percent": "bad-host", "private answer": "private-address", "metadata answer": "private-address",
    "mixed answer": "private-address", "address": "no-rule", "short address": "bad-host", "hexadecimal address": "bad-host",
    "decimal address": "bad-host", "octal address": "bad-host", "address with a dot": "bad-host", "IPv6": "no-rule",
    "mapped address": "no-rule", "zone": "bad-host", "metadata address": "private-address", "metadata name": "private-address",
    "metadata by IPv6": "private-address", "mapped metadata": "private-address",
    "mapped metadata in hexadecimal": "private-address", "unspecified address": "private-address",
    "metadata of no rule": "no-rule", "zero": "bad-host", "decimal metadata": "bad-host", "hexadecimal metadata": "bad-host",
    "octal metadata": "bad-host", "metadata with zeros": "bad-host", "short metadata": "bad-host",
    "metadata by http": "private-address", "NUL": "bad-host", "NUL first": "bad-host", "SOCKS name": "no-rule",
    "SOCKS address": "no-rule", "SOCKS metadata": "private-address", "SOCKS metadata by IPv6": "private-address",
    "SOCKS metadata name": "private-address", "SOCKS bind": "bad-request", "SOCKS datagrams": "bad-request",
    "SOCKS to http": "no-rule",
    "no SNI": "no-sni", "another SNI": "sni-mismatch", "another SNI in pieces": "sni-mismatch",
    "another SNI in records": "sni-mismatch", "no TLS": "not-tls", "early data": "early-data", "http to a tls rule": "no-rule",
    "tunnel to an http rule": "no-rule", "another Host": "bad-request", "two Hosts": "bad-request", "two lengths": "bad-request",
    "chunked": "bad-request", "upgrade": "bad-request", "line feeds": "bad-request", "folded": "bad-request",
    "origin form": "bad-request",
}
ALLOWED = {"allowed": "server", "allowed below the wildcard": "server", "allowed in pieces": "server",
           "allowed in records": "server", "allowed in capitals": "server", "allowed request": "open"}
