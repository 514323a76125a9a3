package import InterlockApprovals
package import InterlockModel

/// Where passkeys, invitations and enrolments live. Each method returns when the change is durable.
package protocol PeopleStore: Sendable {
    func peopleRows() async throws(StoreFailure) -> [PeopleRow]

    /// Writes and forgets all of these, or nothing.
    func keep(people rows: [PeopleRow]) async throws(StoreFailure)
}

/// Where people, their roles and their keys of the command line live, so that orders can be judged with the store
/// down.
package protocol AuthorizedKeysStore: Sendable {
    /// Durable on return; after an error the older one stands, or the new one does.
    func keep(_ trust: AuthorizedKeys) async throws(StoreFailure)
}
