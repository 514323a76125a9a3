import InterlockModel

/// Forward-only migration of the store (docs/specs/cluster.md, section 12): each step in one transaction with its digest,
/// under one advisory lock, so that of several programs that migrate at once each step is applied by one.
///
/// The connection is that of `il_migrate`.
package struct SchemaMigration {
    /// The advisory lock of migrations. It ends with its transaction.
    private static let lock = "SELECT pg_advisory_xact_lock(7401)"

    /// The time that one step may take, with its wait for another migration. A step that changes many rows is longer than
    /// a call.
    private static let stepLimit = Duration.seconds(600)

    private let connection: StoreConnection
    private let steps: [SchemaStep]

    package init(_ connection: StoreConnection, _ steps: [SchemaStep]) {
        self.connection = connection
        self.steps = steps
    }

    /// Returns the steps that the store has, in their order. Changes nothing.
    ///
    /// - Throws: also if they are not those of this program, or if the database has other things and no step.
    package func applied() throws(MigrationFailure) -> [AppliedStep] {
        try becomeOwner()
        return try known()
    }

    /// Returns the steps that the store lacks. Changes nothing.
    package func missing() throws(MigrationFailure) -> [SchemaStep] {
        Array(steps.dropFirst(try applied().count))
    }

    /// Applies the steps that the store lacks, and returns them. What was applied before a failure stays applied; a step
    /// that fails leaves nothing.
    ///
    /// - Parameter report: called after the commit of each step.
    package func apply(
        _ report: (AppliedStep) -> Void = { _ in }
    ) throws(MigrationFailure) -> [SchemaStep] {
        var made: [SchemaStep] = []
        for step in try missing() {
            guard let applied = try apply(step) else { continue }
            report(applied)
            made.append(step)
        }
        return made
    }

    /// Drops the functions of all versions before `ClusterSchema.version`. Refused by the store while a live node uses
    /// one.
    package func finish() throws(MigrationFailure) {
        try becomeOwner()
        _ = try run("SELECT il.finish($1)", [.integer(Int64(ClusterSchema.version))])
    }

    private func becomeOwner() throws(MigrationFailure) {
        do throws(StoreCallFailure) { _ = try connection.run("SET ROLE il_owner") } catch {
            // There is no such role, or this login is not its member.
            if case .refused("22023", let reason) = error { throw .role(reason) }
            if case .refused("42501", let reason) = error { throw .role(reason) }
            throw .store(error)
        }
    }

    private func run(
        _ statement: String, _ values: [StoreValue]
    ) throws(MigrationFailure) -> [[StoreColumn]] {
        do throws(StoreCallFailure) {
            return try connection.run(statement, values)
        } catch {
            throw .store(error)
        }
    }

    /// - Returns: nil if another program has applied the step meanwhile.
    private func apply(_ step: SchemaStep) throws(MigrationFailure) -> AppliedStep? {
        let (connection, usual) = (connection, connection.limit)
        connection.limit = Self.stepLimit.microseconds / 1000
        defer { connection.limit = usual }
        do throws(StoreCallFailure) {
            return try connection.transaction { () throws(StoreCallFailure) -> AppliedStep? in
                _ = try connection.run(Self.lock)
                let known = try connection.appliedSteps()
                if known.contains(where: { $0.number == step.number }) { return nil }
                try connection.runScript(step.text)
                _ = try connection.run(
                    "INSERT INTO il.migration (n, name, digest) VALUES ($1, $2, $3)",
                    [
                        .integer(Int64(step.number)), .text(step.name), .bytes(step.digest.bytes),
                    ])
                return try connection.appliedSteps().last
            }
        } catch {
            throw .store(error)
        }
    }

    /// The steps that the store has, each compared with that of this program.
    private func known() throws(MigrationFailure) -> [AppliedStep] {
        let applied: [AppliedStep]
        let other: String?
        do throws(StoreCallFailure) {
            other = try connection.appliedSteps().isEmpty ? try connection.foreignObject() : nil
            // Again, since another program may have applied the first step before the object was found.
            applied = try connection.appliedSteps()
        } catch {
            throw .store(error)
        }
        if applied.isEmpty, let other { throw .occupied(other) }
        for (place, found) in applied.enumerated() {
            guard found.number == place + 1 else { throw .gap(step: place + 1) }
            guard place < steps.count else { throw .newer(step: found.number) }
            guard found.digest == steps[place].digest else { throw .changed(step: found.number) }
        }
        return applied
    }
}
