import InterlockClusterStore
package import InterlockCommandLine
import InterlockCredentials
import InterlockJSON
import InterlockModel

extension Command {
    package static let clusterMigrate = Command(
        "cluster migrate", "bring the schema of a shared database up to date",
        example: "interlock cluster migrate --check",
        options: [
            .directory, ClusterDatabase.option,
            Option("--check", "change nothing; exit 1 if steps are missing"),
            Option("--finish", "drop the functions of older versions; back is not possible then"),
            Option(
                "--roles-sql", "print the roles as SQL for an administrator, and connect to nothing"
            ), .json,
        ],
        exits: [.no, .data, .notFound, .unavailable, .notPermitted],
        notes: """
            Logs in as `il_migrate` unless `--postgres` names another user; its password is in the file of `passfile`, \
            ~/.pgpass or $PGPASSWORD. Each step is one transaction, recorded with its digest, and is never taken back. \
            A database with another text of a step, with unknown steps or with things of others is refused with exit 65. \
            Nodes of the version before continue until `--finish`.
            """
    ) { invocation in
        if invocation.has("roles-sql") {
            for other in ["check", "finish", "json"] where invocation.has(other) {
                throw Failure(.usage, "`--roles-sql` cannot be used with `--\(other)`")
            }
            Output.bytes(ClusterSchema.roles)
            return .ok
        }
        guard !invocation.has("check") || !invocation.has("finish") else {
            throw Failure(.usage, "`--check` cannot be used with `--finish`")
        }
        let database = try ClusterDatabase(invocation, user: "il_migrate")
        let connection = try database.connect()
        do { return try migrate(invocation, database, connection) } catch let error
            as MigrationFailure
        { throw database.failure(error) }
    }

    private static func migrate(
        _ invocation: Invocation, _ database: ClusterDatabase, _ connection: StoreConnection
    ) throws -> Exit {
        let steps = ClusterSchema.steps(hashing: OpenSSLHashing())
        let migration = SchemaMigration(connection, steps)
        let present = try migration.applied()
        for step in present { print(step, "present", invocation) }
        let missing = steps.dropFirst(present.count)
        if invocation.has("check") {
            for step in missing {
                print(step.number, step.name, step.digest.prefixed, nil, "missing", invocation)
            }
            explain(invocation, database, "\(present.count) steps, \(missing.count) missing")
            return missing.isEmpty ? .ok : .no
        }
        guard !invocation.has("finish") || missing.isEmpty else {
            throw Failure(
                .no, database.message("\(missing.count) steps are missing"),
                help: "run `interlock cluster migrate` first")
        }
        let made = try migration.apply { step in print(step, "applied", invocation) }
        explain(invocation, database, "\(steps.count) steps, \(made.count) applied now")
        if invocation.has("finish") {
            try migration.finish()
            explain(
                invocation, database,
                "the functions of version \(ClusterSchema.version) alone are left")
        }
        return .ok
    }

    private static func print(_ step: AppliedStep, _ state: String, _ invocation: Invocation) {
        print(step.number, step.name, step.digest.prefixed, step.time, state, invocation)
    }

    private static func print(
        _ number: Int, _ name: String, _ digest: String, _ time: String?, _ state: String,
        _ invocation: Invocation
    ) {
        invocation.print(
            [
                "step": .count(number), "name": .string(name), "digest": .string(digest),
                "state": .string(state), "at": time.map(JSONValue.string) ?? .null,
            ],
            TerminalEscaping.shown("\(state)  \(name)  \(digest)  \(time ?? "-")"))
    }

    private static func explain(
        _ invocation: Invocation, _ database: ClusterDatabase, _ text: String
    ) {
        if !invocation.isJSON { Output.line(database.message(text)) }
    }

}

extension ClusterDatabase {
    /// The end of a command that reads or applies steps.
    func failure(_ failure: MigrationFailure) -> Failure {
        let text = message(failure.description)
        switch failure {
        case .store(.closed(let reason)):
            return Failure(
                .no, message(reason),
                help: "replace the nodes of older versions; `interlock cluster status` lists them")
        case .store(let failure): return self.failure(failure)
        case .role:
            return Failure(
                .notPermitted, text,
                help: "the login was `\(user)`; `il_migrate` may. \(Self.roles)"
            )
        case .occupied:
            return Failure(
                .data, text, help: "make a database for it alone: CREATE DATABASE interlock")
        case .changed:
            return Failure(
                .data, text,
                help:
                    "run the version that applied it; if none did, the database was changed by hand: restore a backup"
            )
        case .newer:
            return Failure(
                .data, text, help: "run a version that is as new as the one that migrated it")
        case .gap:
            return Failure(
                .data, text, help: "the database was changed by hand: restore a backup")
        }
    }
}
