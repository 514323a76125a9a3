import InterlockCredentials
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockClusterStore

@Suite(
    .serialized, .enabled(if: TestServer.isInstalled || TestFiles.isCI, "PostgreSQL 15 is missing"))
struct StoreConnectionTests {
    private let steps = ClusterSchema.steps(hashing: OpenSSLHashing())

    /// Returns what a call throws, or nil.
    private func failure(
        _ call: () throws(StoreCallFailure) -> [[StoreColumn]]
    ) -> StoreCallFailure? {
        do throws(StoreCallFailure) {
            _ = try call()
            return nil
        } catch {
            return error
        }
    }

    private func isUnknown(_ failure: StoreCallFailure?) -> Bool {
        if case .unknown = failure { true } else { false }
    }

    @Test func `without a server there is no connection`() {
        #expect(throws: StoreCallFailure.self) {
            _ = try StoreConnection(
                "host=/nonexistent dbname=x user=x", limit: .milliseconds(200))
        }
    }

    @Test func `a host that answers nothing leaves a part of the deadline to the next one`()
        throws
    {
        let (frozen, server) = (try #require(TestServer()), try #require(TestServer()))
        defer {
            frozen.stop()
            server.stop()
        }
        frozen.freeze()
        for hosts in ["\(frozen.folder),\(server.folder)", "\(server.folder),\(frozen.folder)"] {
            let connection = try StoreConnection(
                "host=\(hosts) dbname=postgres user=admin", limit: .seconds(8))
            #expect(try connection.run("SELECT 1") == [[.text("1")]])
        }
        // libpq refuses lists of different lengths too.
        #expect(throws: StoreCallFailure.self) {
            _ = try StoreConnection(
                "host=\(server.folder),\(server.folder) port=1,2,3 dbname=postgres user=admin",
                limit: .seconds(8))
        }
    }

    @Test func `values come back as they were sent`() throws {
        let server = try #require(TestServer())
        defer { server.stop() }
        let connection = try server.connect("admin")
        let bytes: [UInt8] = [0, 1, 39, 92, 255]
        let rows = try connection.run(
            "SELECT $1::text, $2::bigint, $3::boolean, $4::bytea, $5::text, ''::bytea",
            [.text("a'b\u{e9}"), .integer(.min), .flag(true), .bytes(bytes), .null])
        #expect(
            rows == [
                [
                    .text("a'b\u{e9}"), .text("\(Int64.min)"), .text("t"), .bytes(bytes), .null,
                    .bytes([]),
                ]
            ])
        #expect(rows[0][1].integer == Int64.min)
        #expect(rows[0][2].flag == true)
        #expect(try connection.run("SELECT 1 WHERE false").isEmpty)
        let sent = failure { () throws(StoreCallFailure) -> [[StoreColumn]] in
            try connection.run("SELECT $1::text", [.text("a\0b")])
        }
        #expect(
            sent == .refused(code: "22021", reason: "a text with a zero byte, or too many values"))
        #expect(connection.isOpen)
    }

    @Test(arguments: [
        // The answer does not come in time.
        "SELECT pg_sleep(600)",
        // A commit with a warning, as that of a cancelled wait for a standby.
        "DO $$ BEGIN RAISE WARNING 'a warning'; END $$",
        // The session ends.
        "SELECT pg_terminate_backend(pg_backend_pid())",
    ])
    func `an answer that is late, warned or lost is unknown and ends the connection`(
        _ statement: String
    ) throws {
        let server = try #require(TestServer())
        defer { server.stop() }
        let connection = try server.connect("admin", limit: .seconds(3))
        let found = failure { () throws(StoreCallFailure) -> [[StoreColumn]] in
            try connection.run(statement)
        }
        #expect(isUnknown(found))
        #expect(!connection.isOpen)
        let next = failure { () throws(StoreCallFailure) -> [[StoreColumn]] in
            try connection.run("SELECT 1")
        }
        #expect(isUnknown(next))
    }

    @Test func `warnings are seen although the login hides them`() throws {
        let server = try #require(TestServer())
        defer { server.stop() }
        _ = try server.connect("admin").run("ALTER ROLE admin SET client_min_messages = error")
        let connection = try StoreConnection(
            "host=\(server.folder) dbname=postgres user=admin options='-c work_mem=8MB -c client_min_messages=error'",
            limit: .seconds(30))
        #expect(try connection.run("SHOW work_mem") == [[.text("8MB")]])
        let found = failure { () throws(StoreCallFailure) -> [[StoreColumn]] in
            try connection.run("DO $$ BEGIN RAISE WARNING 'a warning'; END $$")
        }
        #expect(isUnknown(found))
    }

    @Test func `an error leaves the connection open and has its code`() throws {
        let server = try #require(TestServer())
        defer { server.stop() }
        let connection = try server.connect("admin")
        let found = failure { () throws(StoreCallFailure) -> [[StoreColumn]] in
            try connection.run("SELECT 1 / 0")
        }
        #expect(found == .refused(code: "22012", reason: "division by zero"))
        _ = try connection.run("DO $$ BEGIN RAISE NOTICE 'no warning'; END $$")
        #expect(try connection.run("SELECT 2") == [[.text("2")]])
    }

    @Test func `a transaction of which a statement failed is not committed`() throws {
        let server = try #require(TestServer())
        defer { server.stop() }
        let connection = try server.connect("admin")
        _ = try connection.run("CREATE TABLE kept (x integer)")
        let found = failure { () throws(StoreCallFailure) -> [[StoreColumn]] in
            try connection.transaction { () throws(StoreCallFailure) -> [[StoreColumn]] in
                _ = try connection.run("INSERT INTO kept VALUES (1)")
                _ = try? connection.run("SELECT 1 / 0")
                return []
            }
        }
        #expect(
            found == .refused(code: "25P02", reason: "a statement of the transaction has failed"))
        #expect(try connection.run("SELECT count(*) FROM kept") == [[.text("0")]])
        _ = try connection.transaction { () throws(StoreCallFailure) -> [[StoreColumn]] in
            try connection.run("INSERT INTO kept VALUES (2)")
        }
        #expect(try connection.run("SELECT x FROM kept") == [[.text("2")]])
    }

    @Test func `the schema is migrated once, and a node calls its functions`() throws {
        let server = try #require(TestServer())
        defer { server.stop() }
        let admin = try server.connect("admin")
        try admin.runScript(ClusterSchema.roles)
        _ = try admin.run("CREATE ROLE gw1 LOGIN IN ROLE il_node")
        let migrator = try server.connect("il_migrate")
        let migration = SchemaMigration(migrator, steps)
        #expect(try migration.missing() == steps)
        #expect(try migration.apply() == steps)
        #expect(try migration.apply().isEmpty)
        #expect(try migration.missing().isEmpty)
        let genesis: [UInt8] = [1, 2, 3]
        _ = try migrator.run(
            "SELECT il_v1.found($1, $2, $3)", [.text("gw1"), .bytes(genesis), .text("none")])

        let node = try server.connect("gw1")
        let started = try node.call(
            .start, [.text("process"), .integer(0), .integer(1), .integer(1)])
        #expect(started == [[.text("1")]])
        let digest = OpenSSLHashing().sha256([UInt8](repeating: 0, count: 32) + genesis)
        let beat = try node.call(
            .heartbeat,
            [
                .integer(1), .integer(1), .integer(0), .bytes(digest.bytes), .text("0"),
                .text("{}"),
            ])
        #expect(beat[0][0] == .text("0"))
        #expect(beat[0][1] == .bytes(digest.bytes))
        #expect(beat[0][3].flag == true)
        let halt: [StoreValue] = [.text("halt"), .text("order"), .bytes([9])]
        #expect(try node.call(.record, [.integer(1)] + halt) == [[.text("1")]])
        #expect(try node.call(.record, [.integer(1)] + halt) == [[.text("1")]])
        let expelled = failure { () throws(StoreCallFailure) -> [[StoreColumn]] in
            try node.call(.record, [.integer(2)] + halt)
        }
        #expect(expelled == .expelled("gw1 is not live in incarnation 2"))

        let other = SchemaStep(
            number: 3, name: steps[2].name, text: [UInt8]("SELECT 1".utf8),
            hashing: OpenSSLHashing())
        let changed = Array(steps.prefix(2)) + [other] + Array(steps.dropFirst(3))
        #expect(throws: MigrationFailure.changed(step: 3)) {
            try SchemaMigration(migrator, changed).apply()
        }
        #expect(throws: MigrationFailure.newer(step: steps.count)) {
            try SchemaMigration(migrator, Array(steps.dropLast())).missing()
        }
    }
}
