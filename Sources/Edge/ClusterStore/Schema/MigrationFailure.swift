/// The reason why the schema of the store was not brought to that of this program.
package enum MigrationFailure: Error, Hashable, Sendable {
    case store(StoreCallFailure)
    /// The login may not act as the owner of the schema, or there is no such role.
    case role(String)
    /// The database has no step, and something that no step made: its kind and name.
    case occupied(String)
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
        case .role(let reason): "the login cannot act as `il_owner`: \(reason)"
        case .occupied(let object): "the database is not empty: it has \(object)"
        case .changed(let step): "the store has applied another text as step \(step)"
        case .newer(let step): "the store has step \(step), which this version does not know"
        case .gap(let step): "the store lacks step \(step) and has a later one"
        }
    }
}
