import InterlockModel

/// The connection to the store of a cluster: keywords and values of libpq, `host=pg1,pg2 dbname=interlock`.
///
/// It has no secret, so that it may be part of messages. A host that is not on this machine is reached by
/// `sslmode=verify-full` alone: libpq would otherwise take any server, and send its password in the clear.
package struct PostgresParameters: Sendable, Hashable {
    /// The reason why a text is no connection. It repeats nothing that could be a password.
    package struct FormError: Error, Hashable {
        package let reason: String
    }

    private struct Pair: Hashable {
        let keyword: String
        let value: String
    }

    /// The keywords that count. `service` would read others from a file, and `options` could weaken a session.
    static let keywords = [
        "host", "hostaddr", "port", "dbname", "user", "passfile", "sslmode", "sslrootcert",
        "sslcert", "sslkey", "sslcrl", "sslcrldir", "ssl_min_protocol_version", "requirepeer",
        "channel_binding", "gssencmode", "target_session_attrs", "application_name", "keepalives",
        "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
    ]
    private static let secrets = ["password", "sslpassword"]

    /// The text as it was written.
    package let text: String
    private var pairs: [Pair]

    /// - Throws: the first thing that is not as it must be.
    package init(_ text: String) throws(FormError) {
        self.text = text
        guard text.utf8.count <= 4096,
            text.utf8.allSatisfy({
                (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            })
        else {
            throw FormError(
                reason: "of printable ASCII, 4096 at most, without double quotes and backslashes")
        }
        pairs = []
        var rest = text[...].drop(while: Self.isSpace)
        while !rest.isEmpty {
            let pair = try Self.pair(&rest)
            guard self[pair.keyword] == nil else {
                throw FormError(reason: "each keyword once; `\(pair.keyword)` is there twice")
            }
            pairs.append(pair)
            rest = rest.drop(while: Self.isSpace)
        }
        guard self["dbname"] != nil, !hosts.isEmpty else {
            throw FormError(reason: "with `host` and `dbname`")
        }
        if let other = hosts.first(where: { !Self.isHere($0) }),
            self["sslmode"] != "verify-full"
        {
            throw FormError(
                reason: "with `sslmode=verify-full`, since `\(other)` is another machine")
        }
    }

    /// The value of a keyword, or nil if it is not there.
    package subscript(keyword: String) -> String? {
        pairs.first { $0.keyword == keyword }?.value
    }

    /// A copy with this value of a keyword.
    package func setting(_ keyword: String, to value: String) -> PostgresParameters {
        var copy = self
        copy.pairs.removeAll { $0.keyword == keyword }
        copy.pairs.append(Pair(keyword: keyword, value: value))
        return copy
    }

    /// The text for libpq: each value in quotes.
    package var connection: String {
        pairs.map { pair in
            "\(pair.keyword)='\(pair.value.replacing("'", with: "\\'"))'"
        }.joined(separator: " ")
    }

    /// The database and its hosts, for messages: `interlock` at `pg1,pg2`.
    package var label: String {
        "`\(self["dbname"] ?? "")` at `\(self["host"] ?? self["hostaddr"] ?? "")`"
    }

    private var hosts: [Substring] {
        (self["hostaddr"] ?? self["host"] ?? "").split(
            separator: ",", omittingEmptySubsequences: false
        ).filter { !$0.isEmpty }
    }

    /// True of the folder of a unix socket, and of loopback.
    private static func isHere(_ host: Substring) -> Bool {
        host.hasPrefix("/") || host == "localhost" || host == "::1"
            || (host.hasPrefix("127.")
                && host.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") })
    }

    /// Takes the first pair from a text that does not begin with a space.
    private static func pair(_ rest: inout Substring) throws(FormError) -> Pair {
        let keyword = String(rest.prefix { !isSpace($0) && $0 != "=" })
        rest = rest.dropFirst(keyword.count).drop(while: isSpace)
        guard !secrets.contains(keyword) else {
            throw FormError(
                reason:
                    "without `\(keyword)`, which is a secret: name a `passfile`, or use a client certificate"
            )
        }
        guard rest.first == "=" else {
            throw FormError(reason: "`keyword=value` pairs; one has no `=`")
        }
        guard keywords.contains(keyword) else {
            let isName =
                keyword.utf8.count <= 32
                && keyword.allSatisfy {
                    ("a"..."z").contains($0) || $0 == "_"
                }
            let near = isName ? didYouMean(keyword, among: keywords).map { "; \($0)" } ?? "" : ""
            throw FormError(
                reason: isName
                    ? "keywords that this program takes; `\(keyword)` is none of them\(near)"
                    : "`keyword=value` pairs; one begins with no keyword")
        }
        rest = rest.dropFirst().drop(while: isSpace)
        let value: String
        if rest.first == "'" {
            value = String(rest.dropFirst().prefix { $0 != "'" })
            rest = rest.dropFirst(value.count + 1)
            guard rest.first == "'" else {
                throw FormError(
                    reason: "`keyword=value` pairs; the quote of `\(keyword)` does not end")
            }
            rest = rest.dropFirst()
        } else {
            value = String(rest.prefix { !isSpace($0) })
            rest = rest.dropFirst(value.count)
        }
        guard !value.isEmpty else {
            throw FormError(reason: "`keyword=value` pairs; `\(keyword)` is empty")
        }
        return Pair(keyword: keyword, value: value)
    }

    private static func isSpace(_ character: Character) -> Bool { character == " " }
}
