import InterlockModel

/// The settings of `cluster`. Names and addresses are empty if unset.
package struct ClusterSettings: Sendable {
    package var node = ""
    package var zone = ""
    package var peers = ""
    package var health = ""
    /// `gw2=10.0.0.12:7402` for each other node.
    package var others: [String] = []
    package var connections = 4
    package var drain: Duration = .seconds(300)
}

extension Configuration {
    /// The first setting, as `store.postgres`, that only a node of a cluster has; nil for one node alone.
    package var settingOfCluster: String? {
        let settings = [
            ("store.postgres", store.postgres != nil), ("cluster.node", !cluster.node.isEmpty),
            ("cluster.zone", !cluster.zone.isEmpty), ("cluster.peers", !cluster.peers.isEmpty),
            ("cluster.health", !cluster.health.isEmpty),
            ("cluster.others", !cluster.others.isEmpty),
        ]
        return settings.first { $0.1 }?.0
    }

    /// The setting of the cluster that contradicts another one, or nil. A node acts under the name of its login.
    var clusterProblem: (section: String, setting: String, problem: String, help: String)? {
        guard let user = store.postgres?["user"], !cluster.node.isEmpty, user != cluster.node else {
            return nil
        }
        return (
            "cluster", "node",
            "is `\(cluster.node)`, and the login in `store.postgres` is `\(user)`",
            "a node acts under the name of its login: leave `user` out, or write the same name"
        )
    }
}

extension Section {
    static let store = Section(
        "store", "approvals and other state that is not the log",
        .text("path", \.store.path, "SQLite file"),
        .postgres(
            "postgres", \.store.postgres,
            "the database that several nodes share, as libpq has it, without a password: prepared by `interlock cluster migrate`; the node must be a member"
        ),
        .milliseconds(
            "deadline", \.store.deadline, 100...30_000,
            "how long to connect to that database, and how long one call of it, may take"))

    static let cluster = Section(
        "cluster",
        "one node of several that share `store.postgres`",
        .name(
            "node", \.cluster.node,
            "the name of this node, which is that of its login at the database"),
        .name(
            "zone", \.cluster.zone,
            "where it runs; witnesses of its log are chosen in other zones first"),
        .endpoint("peers", \.cluster.peers, "where other nodes reach it, by mutual TLS"),
        .endpoint("health", \.cluster.health, "where a balancer asks for `/readyz`"),
        .texts(
            "others", \.cluster.others,
            "where the other nodes are, such as [gw2=10.0.0.12:7402]"),
        .count("connections", \.cluster.connections, 1...64, "connections to the database"),
        .duration(
            "drain", \.cluster.drain, 10...3600,
            "how long a node that leaves waits for its calls"))
}

extension Setting {
    /// `"host=pg1,pg2 dbname=interlock sslmode=verify-full"`; empty if unset.
    fileprivate static func postgres(
        _ name: String, _ path: Path<PostgresParameters?>, _ about: String
    ) -> Setting {
        Setting(
            name, path, about, form: "`keyword=value` pairs",
            text: { Notation.quoted($0?.text ?? "") },
            read: { (node) throws(ValueError) in
                let form = "a connection of libpq such as \"host=/run/postgresql dbname=interlock\""
                guard let text = node.scalarText else { throw ValueError(expected: form) }
                guard !text.isEmpty else { return nil }
                do throws(PostgresParameters.FormError) {
                    return try PostgresParameters(text)
                } catch {
                    throw ValueError(expected: "\(form), \(error.reason)")
                }
            })
    }

    /// The name of a node or zone; empty if unset.
    fileprivate static func name(_ name: String, _ path: Path<String>, _ about: String) -> Setting {
        scalar(
            name, path, about, form: "name",
            expected: "a name of lower-case letters, digits and `-`, at most 63",
            text: Notation.quoted
        ) { $0.isEmpty || isLowerName($0) ? $0 : nil }
    }

    /// An address with its port; empty if unset.
    fileprivate static func endpoint(_ name: String, _ path: Path<String>, _ about: String)
        -> Setting
    {
        scalar(
            name, path, about, form: "address and port",
            expected: "an address with its port, such as 10.0.0.11:7402", text: Notation.quoted
        ) { $0.isEmpty || isEndpoint($0) ? $0 : nil }
    }

    private static func isEndpoint(_ text: String) -> Bool {
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
            let port = Notation.integer(String(text[text.index(after: colon)...]))
        else { return false }
        return (1...65_535).contains(port)
            && text[..<colon].utf8.allSatisfy {
                isDigit($0) || (0x61...0x7a).contains($0)
                    || [0x2e, 0x2d, 0x3a, 0x5b, 0x5d].contains($0)
            }
    }
}
