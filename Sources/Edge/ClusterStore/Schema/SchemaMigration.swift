import InterlockModel

/// The reason why the schema of the store was not brought to that of this program.
package enum MigrationFailure: Error, Hashable, Sendable {
    case store(StoreCallFailure)
    /// The store has applied another text as this step.
    case changed(step: Int)
    /// The store has steps that this program does not know: a newer version has migrated it.
    case newer(step: Int)
    /// The store has a later step, and not this one.
    case gap(step: Int)
}

extension MigrationFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .store(let failure): failure.description
        case .changed(let step): "the store has applied another text as step \(step)"
        case .newer(let step): "the store has step \(step), which this version does not know"
        case .gap(let step): "the store lacks step \(step) and has a later one"
        }
    }
}

/// Forward-only migration of the store (docs/specs/cluster.md, section 12): each step in one transaction with its digest,
/// under one advisory lock, so that of several programs that migrate at once each step is applied by one.
///
/// The connection is that of `il_migrate`.
package struct SchemaMigration {
    /// The advisory lock of migrations. It ends with its transaction.
    private static let lock = "SELECT pg_advisory_xact_lock(7401)"

    private let connection: StoreConnection
    private let steps: [SchemaStep]

    package init(_ connection: StoreConnection, _ steps: [SchemaStep]) {
        self.connection = connection
        self.steps = steps
    }

    /// Returns the steps that the store lacks. Changes nothing.
    package func missing() throws(MigrationFailure) -> [SchemaStep] {
        try becomeOwner()
        return try lacking()
    }

    /// Applies the steps that the store lacks, and returns them. What was applied before a failure stays applied; a step
    /// that fails leaves nothing.
    package func apply() throws(MigrationFailure) -> [SchemaStep] {
        try becomeOwner()
        var applied: [SchemaStep] = []
        for step in try lacking() {
            if try apply(step) { applied.append(step) }
        }
        return applied
    }

    /// Drops the functions of all versions before `ClusterSchema.version`. Refused by the store while a live node uses
    /// one.
    package func finish() throws(MigrationFailure) {
        try becomeOwner()
        _ = try run("SELECT il.finish($1)", [.integer(Int64(ClusterSchema.version))])
    }

    private func becomeOwner() throws(MigrationFailure) {
        _ = try run("SET ROLE il_owner", [])
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

    /// - Returns: false if another program has applied the step meanwhile.
    private func apply(_ step: SchemaStep) throws(MigrationFailure) -> Bool {
        let connection = connection
        do throws(StoreCallFailure) {
            return try connection.transaction { () throws(StoreCallFailure) -> Bool in
                _ = try connection.run(Self.lock)
                if try Self.applied(connection).contains(where: { $0.number == step.number }) {
                    return false
                }
                try connection.runScript(step.text)
                _ = try connection.run(
                    "INSERT INTO il.migration (n, name, digest) VALUES ($1, $2, $3)",
                    [
                        .integer(Int64(step.number)), .text(step.name), .bytes(step.digest.bytes),
                    ])
                return true
            }
        } catch {
            throw .store(error)
        }
    }

    private func lacking() throws(MigrationFailure) -> [SchemaStep] {
        let applied: [AppliedStep]
        do throws(StoreCallFailure) {
            applied = try Self.applied(connection)
        } catch {
            throw .store(error)
        }
        for (place, found) in applied.enumerated() {
            guard found.number == place + 1 else { throw .gap(step: place + 1) }
            guard place < steps.count else { throw .newer(step: found.number) }
            guard found.digest == steps[place].digest.bytes else {
                throw .changed(step: found.number)
            }
        }
        return Array(steps.dropFirst(applied.count))
    }

    private struct AppliedStep {
        let number: Int
        let digest: [UInt8]
    }

    /// The steps that the store has, in their order; none if it has no schema.
    private static func applied(
        _ connection: StoreConnection
    ) throws(StoreCallFailure) -> [AppliedStep] {
        let known = try connection.run("SELECT to_regclass('il.migration')")
        guard known.first?.first?.text != nil else { return [] }
        var steps: [AppliedStep] = []
        for row in try connection.run("SELECT n, digest FROM il.migration ORDER BY n") {
            guard row.count == 2, let number = row[0].integer, let digest = row[1].bytes else {
                throw .refused(code: "XX000", reason: "a row of il.migration cannot be read")
            }
            steps.append(AppliedStep(number: Int(number), digest: digest))
        }
        return steps
    }
}
