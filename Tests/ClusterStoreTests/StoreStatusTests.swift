import InterlockCredentials
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockClusterStore

/// The state of a database as people read it before and after it is a store, and the reasons why it is not made one.
@Suite(
    .serialized, .enabled(if: TestServer.isInstalled || TestFiles.isCI, "PostgreSQL 15 is missing"))
struct StoreStatusTests {
    private let steps = ClusterSchema.steps(hashing: OpenSSLHashing())

    private func migrationFailure(_ migration: SchemaMigration) -> MigrationFailure? {
        do throws(MigrationFailure) {
            _ = try migration.missing()
            return nil
        } catch { return error }
    }

    private func statusFailure(_ connection: StoreConnection) -> StatusFailure? {
        do throws(StatusFailure) {
            _ = try connection.status()
            return nil
        } catch { return error }
    }

    @Test func `a database is migrated by its role, empty, and says what was applied`() throws {
        let server = try #require(TestServer())
        defer { server.stop() }
        let admin = try server.connect("admin")
        #expect(
            migrationFailure(SchemaMigration(admin, steps))
                == .role("role \"il_owner\" does not exist"))
        try admin.runScript(ClusterSchema.roles)
        _ = try admin.run("CREATE ROLE gw1 LOGIN IN ROLE il_node")
        #expect(
            migrationFailure(SchemaMigration(try server.connect("gw1"), steps))
                == .role("permission denied to set role \"il_owner\""))
        let migrator = try server.connect("il_migrate")
        let migration = SchemaMigration(migrator, steps)

        for (made, object) in [
            ("SCHEMA il", "the schema il"), ("TABLE public.t (x integer)", "the relation public.t"),
            (
                "FUNCTION public.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
                "the function public.f"
            ),
        ] {
            _ = try admin.run("CREATE \(made)")
            #expect(migrationFailure(migration) == .occupied(object))
            let name = object.split(separator: " ").last ?? ""
            let kind = made.split(separator: " ").first ?? ""
            _ = try admin.run("DROP \(kind) \(name)")
        }
        // One with a table of this name, which `il_owner` may not read.
        _ = try admin.run("CREATE SCHEMA il CREATE TABLE migration (n integer)")
        #expect(migrationFailure(migration) == .occupied("the schema il"))
        _ = try admin.run("DROP SCHEMA il CASCADE")

        var reported: [AppliedStep] = []
        #expect(try migration.apply { reported.append($0) } == steps)
        #expect(reported.map(\.name) == steps.map(\.name))
        #expect(reported.map(\.digest) == steps.map(\.digest))
        #expect(reported.allSatisfy { $0.time.utf8.count == 20 && $0.time.hasSuffix("Z") })
        #expect(try migration.applied() == reported)

        _ = try admin.run("DELETE FROM il.migration WHERE n = 2")
        #expect(migrationFailure(migration) == .gap(step: 2))
    }

    @Test func `a node reads the state of the store`() throws {
        let server = try #require(TestServer())
        defer { server.stop() }
        let admin = try server.connect("admin")
        try admin.runScript(ClusterSchema.roles)
        _ = try admin.run("CREATE ROLE gw1 LOGIN IN ROLE il_node")
        _ = try admin.run("CREATE ROLE reader LOGIN IN ROLE il_read")
        let node = try server.connect("gw1")
        #expect(
            statusFailure(node)
                == .store(.refused(code: "3F000", reason: "schema \"il_v1\" does not exist")))
        let migrator = try server.connect("il_migrate")
        _ = try SchemaMigration(migrator, steps).apply()
        #expect(
            statusFailure(try server.connect("reader"))
                == .store(.refused(code: "42501", reason: "permission denied for schema il_v1")))

        let empty = try node.status()
        #expect(empty.steps == steps.count && empty.head == nil && empty.needsStandby == nil)
        #expect(empty.fault == "no synchronous standby" && !empty.isOpen && empty.nodes.isEmpty)

        let genesis: [UInt8] = [1, 2, 3]
        _ = try migrator.run(
            "SELECT il_v1.found($1, $2, $3)", [.text("gw1"), .bytes(genesis), .text("none")])
        let founded = try node.status()
        #expect(founded.head == 0 && founded.needsStandby == false && founded.fault == nil)
        #expect(founded.isOpen && founded.oldestVersion == 1)
        #expect(founded.nodes.map(\.state) == [.new] && founded.nodes[0].applied == -1)

        _ = try node.call(
            .start, [.text("process"), .integer(0), .integer(1), .integer(1)])
        let started = try node.status().nodes[0]
        #expect(started.state == .live && started.incarnation == 1 && !started.hasBeaten)
        let digest = OpenSSLHashing().sha256([UInt8](repeating: 0, count: 32) + genesis)
        _ = try node.call(
            .heartbeat,
            [
                .integer(1), .integer(5), .integer(0), .bytes(digest.bytes), .text("0"),
                .text("{}"),
            ])
        let beaten = try node.status().nodes[0]
        #expect(beaten.beat == 5 && beaten.applied == 0 && beaten.hasBeaten && beaten.isInChain)
        #expect(try node.roundTrip() > .zero)

        // The same reason as that of the functions.
        _ = try node.run("SET synchronous_commit = off")
        #expect(try node.status().fault == "commits are not durable")
    }

    @Test func `a server that refuses a login says why, with its code`() throws {
        let server = try #require(TestServer())
        defer { server.stop() }
        let refusal = StoreCallFailure.refused(
            code: "28000", reason: "role \"stranger\" does not exist")
        #expect(throws: refusal) { _ = try server.connect("stranger") }
    }
}
