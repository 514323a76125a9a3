import InterlockCluster
import InterlockCredentials
import InterlockModel

/// Signs the entries of a node with the key of its log, which this process holds.
struct LogEntrySigner: EntrySigner {
    let org: String
    let node: NodeName
    let key: Ed25519PrivateKey
    let clock: any Clock

    func draft(_ change: NarrowingChange) async throws(EntrySigningFailure) -> EntryDraft {
        try draft(.narrowing(change), subject: "")
    }

    func draft(
        _ kind: WideningKind, _ statements: PeopleStatements, subject: String
    ) async throws(EntrySigningFailure) -> EntryDraft {
        try draft(.widening(kind, statements), subject: subject)
    }

    private func draft(
        _ content: EntryContent, subject: String
    ) throws(EntrySigningFailure) -> EntryDraft {
        let statement = ControlStatement(org: org, at: clock.wall, node: node, content: content)
        do throws(FormError) {
            return try EntryDraft(statement, subject: subject, key: key.publicKey) { message in
                key.sign(message)
            }
        } catch { throw EntrySigningFailure("\(error)") }
    }
}
