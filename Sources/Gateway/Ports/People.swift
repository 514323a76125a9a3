package import InterlockApprovals
package import InterlockModel

/// Storage of passkeys, invitations and enrolments. Each method returns when the change is durable.
package protocol PeopleStore: Sendable {
    func peopleRows() async throws(StoreFailure) -> [PeopleRow]

    /// Writes and deletes all of these rows and appends these entries to the control log, in one transaction, or changes
    /// nothing.
    func keep(
        people rows: [PeopleRow], appending drafts: [ControlDraft]
    ) async throws(StoreFailure)
}

extension PeopleStore {
    /// Writes rows that change nothing that is allowed.
    package func keep(people rows: [PeopleRow]) async throws(StoreFailure) {
        try await keep(people: rows, appending: [])
    }
}

/// Storage of people, their roles and their command-line keys, so that orders can be verified while the store is
/// unavailable.
package protocol AuthorizedKeysStore: Sendable {
    /// Durable on return; after an error either the old or the new version is stored.
    func keep(_ trust: AuthorizedKeys) async throws(StoreFailure)
}
