import InterlockCluster
import InterlockCredentials
import InterlockJSON
import InterlockModel

extension Invariants {
    /// The input is the statement of a row, or its body. A statement has one spelling and is that of one kind of row; it
    /// comes back from the seal at its address, and at no other.
    package static func clusterRow(_ bytes: [UInt8]) {
        guard let cipher = OpenSSLRowCipher([UInt8](repeating: 1, count: 32)),
            let keys = StoreKeys(sealing: cipher)
        else { preconditionFailure("a store key has 32 bytes") }
        for table in RowTable.allCases { _ = try? keys.open(bytes, at: RowAddress(table, "a")) }
        let found = [
            check(bytes, keys, RequestRow.self), check(bytes, keys, VoteRow.self),
            check(bytes, keys, SessionRow.self), check(bytes, keys, ChallengeRow.self),
            check(bytes, keys, WaitingRow.self), check(bytes, keys, NotificationRow.self),
        ]
        precondition(found.count { $0 } <= 1, "a statement is that of one kind of row")
    }

    /// - Returns: false if the input is not a statement of this kind of row.
    private static func check<Row: ClusterRow>(
        _ bytes: [UInt8], _ keys: StoreKeys, _ row: Row.Type
    ) -> Bool {
        guard let statement = try? RowStatement<Row>(parsing: bytes, limit: 256 << 10) else {
            return false
        }
        precondition((try? statement.canonical()) == bytes, "a statement has one spelling")
        let address = statement.row.address
        let nonce = [UInt8](repeating: 2, count: StoreKeys.nonceBytes)
        let signature = [UInt8](repeating: 3, count: 64)
        guard
            let draft = try? RowDraft(statement, keys: keys, nonce: nonce, sign: { _ in signature })
        else { return true }
        precondition(draft.body.count <= address.table.bodyLimit, "a body has a limit")
        precondition(
            (try? keys.open(draft.body, at: address)) == signature + bytes,
            "a statement comes back from its seal")
        let other = RowAddress(
            address.table, address.key.text + "a", revision: address.revision)
        precondition((try? keys.open(draft.body, at: other)) == nil, "a body has one address")
        return true
    }
}
