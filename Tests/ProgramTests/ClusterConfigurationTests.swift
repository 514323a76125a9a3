import InterlockConfiguration
import InterlockYAML
import Testing

@testable import interlock

/// The keys of nodes that share a database.
struct ClusterConfigurationTests {
    private func read(_ text: String) throws -> Configuration {
        let reading = readYAML(Array(text.utf8), file: "interlock.yaml")
        return try ConfigurationFile.read(
            try #require(reading.root, "\(reading.findings)"), file: "interlock.yaml")
    }

    private func message(_ text: String) -> String? {
        do {
            _ = try read(text)
            return nil
        } catch let failure as ConfigurationError {
            return failure.message
        } catch { return "\(error)" }
    }

    private let whole = """
        store:
          postgres: "host=pg1,pg2 dbname=interlock user=gw1 sslmode=verify-full passfile='/etc/a b'"
          deadline: 500ms
        cluster:
          node: gw1
          zone: a
          peers: "10.0.0.11:7402"
          health: "[fd00::1]:7403"
          connections: 8
          drain: 60s

        """

    @Test func `a node of a cluster is written as it was read`() throws {
        var configuration = try read(whole)
        configuration.ledger.origin = "acme/gw1/2026"
        let postgres = try #require(configuration.store.postgres)
        #expect(postgres["user"] == "gw1")
        #expect(postgres["passfile"] == "/etc/a b")
        #expect(postgres["port"] == nil)
        #expect(postgres.label == "`interlock` at `pg1,pg2`")
        #expect(configuration.store.deadline == .milliseconds(500))
        #expect(configuration.cluster.connections == 8)
        #expect(configuration.cluster.drain == .seconds(60))
        let text = ConfigurationFile.text(of: configuration)
        #expect(ConfigurationFile.text(of: try read(text)) == text)
        #expect(text.contains("  health: \"[fd00::1]:7403\""))
    }

    @Test func `a connection has each value in quotes, and its login may be another one`() throws {
        let parameters = try PostgresParameters("host = /run/pg  dbname='a b' user=o'b")
        #expect(parameters.connection == "host='/run/pg' dbname='a b' user='o\\'b'")
        let other = parameters.setting("user", to: "il_migrate")
        #expect(other.connection == "host='/run/pg' dbname='a b' user='il_migrate'")
        #expect(other["user"] == "il_migrate")
    }

    @Test func `nothing of a cluster is set by default, and each key of one is found`() throws {
        #expect(Configuration().settingOfCluster == nil)
        #expect(try read("store:\n  postgres: \"\"\n  deadline: 5s\n").settingOfCluster == nil)
        #expect(try read(whole).settingOfCluster == "store.postgres")
        for (key, value) in [
            ("node", "gw1"), ("zone", "a"), ("peers", "gw1:7402"), ("health", "gw1:7403"),
        ] {
            let text = "cluster:\n  \(key): \"\(value)\"\n"
            #expect(try read(text).settingOfCluster == "cluster.\(key)")
        }
    }

    private static let form =
        "a connection of libpq such as \"host=/run/postgresql dbname=interlock\", "
    private static let refused: [(text: String, reason: String)] = [
        (
            "host=/run/pg dbname=i password=geheim",
            "without `password`, which is a secret: name a `passfile`, or use a client certificate"
        ),
        (
            "host=/run/pg sslpassword = 'geheim' dbname=i",
            "without `sslpassword`, which is a secret: name a `passfile`, or use a client certificate"
        ),
        (
            "postgresql://gw1:geheim@pg1/interlock?sslmode=verify-full",
            "`keyword=value` pairs; one begins with no keyword"
        ),
        ("host=/run/pg dbname=i geheim", "`keyword=value` pairs; one has no `=`"),
        ("host=/run/pg dbname='i", "`keyword=value` pairs; the quote of `dbname` does not end"),
        ("host=/run/pg dbname=", "`keyword=value` pairs; `dbname` is empty"),
        (
            "host=/run/pg dbname=i usr=gw1",
            "keywords that this program takes; `usr` is none of them; did you mean `user`?"
        ),
        (
            "host=/run/pg dbname=i options=-csynchronous_commit=off",
            "keywords that this program takes; `options` is none of them"
        ),
        ("host=/run/pg host=/tmp dbname=i", "each keyword once; `host` is there twice"),
        ("dbname=i", "with `host` and `dbname`"),
        ("host=/run/pg", "with `host` and `dbname`"),
        (
            "host=pg1 dbname=i",
            "with `sslmode=verify-full`, since `pg1` is another machine"
        ),
        (
            "host=127.0.0.1,127.0.0.1.example dbname=i sslmode=require",
            "with `sslmode=verify-full`, since `127.0.0.1.example` is another machine"
        ),
        (
            "host=localhost hostaddr=10.0.0.1 dbname=i",
            "with `sslmode=verify-full`, since `10.0.0.1` is another machine"
        ),
    ]

    @Test(arguments: refused.indices)
    func `a connection that is not whole, not safe or has a secret is refused without the secret`(
        _ index: Int
    ) {
        let (text, reason) = Self.refused[index]
        let found = message("store:\n  postgres: \"\(text)\"\n")
        #expect(found == "interlock.yaml:2:13 `postgres` must be \(Self.form)\(reason)")
        #expect(found?.contains("geheim") == false)
    }

    @Test(arguments: ["localhost", "127.0.0.1", "::1", "/run/postgresql", "/a,/b"])
    func `a server of this machine needs no certificate`(_ host: String) throws {
        #expect(try PostgresParameters("host=\(host) dbname=i").label == "`i` at `\(host)`")
    }

    @Test(arguments: [
        ("node", "GW1"), ("node", "-a"), ("zone", "a b"), ("peers", "10.0.0.11"),
        ("peers", "10.0.0.11:0"), ("peers", ":7402"), ("health", "a:65536"), ("health", "a/b:1"),
        ("connections", "0"), ("connections", "65"), ("drain", "5s"),
    ])
    func `a key that does not fit is refused with its place`(_ key: String, _ value: String) {
        let found = message("cluster:\n  \(key): \"\(value)\"\n")
        #expect(found?.hasPrefix("interlock.yaml:2:") == true)
        #expect(found?.contains("`\(key)` must be ") == true)
    }

    @Test func `a node whose login has another name is refused`() throws {
        let text = "store:\n  postgres: \"host=/run/pg dbname=i user=gw2\"\ncluster:\n  node: gw1\n"
        #expect(
            message(text)
                == "interlock.yaml:4:9 `node` is `gw1`, and the login in `store.postgres` is `gw2`")
        #expect(message(text.replacing("gw2", with: "gw1")) == nil)
        #expect(message(text.replacing(" user=gw2", with: "")) == nil)
    }
}
