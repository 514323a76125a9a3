import InterlockJSON
package import InterlockModel

/// Verifies rows when they are read. It is a pure function of the row and of the chain that the node has applied; the
/// caller acts only while its chain is sound.
///
/// INVARIANT: a row counts only as a node that is a member signed it, at its own address, with the columns that it
/// signed. Kept by `RowVerifierTests`, `RowEditTests`, `StoredRowTests`.
package struct RowVerifier: Sendable {
    private let keys: StoreKeys
    private let verifier: any EntryVerifier

    package init(keys: StoreKeys, verifier: any EntryVerifier) {
        self.keys = keys
        self.verifier = verifier
    }

    /// Verifies one row against the entries that this node has applied.
    package func verify<Row: ClusterRow>(
        _ stored: StoredRow<Row>, in chain: ChainFollower
    ) throws(RowRejection) -> VerifiedRow<Row> {
        let address = stored.columns.address
        let statement: RowStatement<Row>
        let isSigned: (PublicKey) -> Bool
        do throws(RowFault) {
            (statement, isSigned) = try open(stored.body, at: address)
            guard statement.row.address == address else {
                throw .otherRow(statement.row.address)
            }
            guard sameBytes(statement.org, chain.state.org) else { throw .otherOrganisation }
            if let own = chain.digest(of: statement.head.number), own != statement.head.digest {
                throw .otherChain(statement.head.number)
            }
        } catch { throw .void(VoidRow(address, error)) }
        guard let member = chain.state.members[statement.node] else {
            // The entry that admits the node can be one that this node has not read yet.
            guard statement.head.number <= chain.head.number else {
                throw .behind(statement.head.number)
            }
            throw .void(VoidRow(address, .notMember(statement.node)))
        }
        do throws(RowFault) {
            guard member.status == .admitted else { throw .retired(member.name) }
            guard isSigned(member.keys.log) else { throw .badSignature }
            let column = statement.row.otherColumn(in: stored.columns, node: statement.node)
            if let column { throw .otherColumn(column) }
        } catch { throw .void(VoidRow(address, error)) }
        return VerifiedRow(
            statement, stored.columns, digest: verifier.hashing.sha256(stored.body))
    }

    /// Opens a body and parses its statement, whose signature is not verified yet.
    private func open<Row: ClusterRow>(
        _ body: [UInt8], at address: RowAddress
    ) throws(RowFault) -> (RowStatement<Row>, isSigned: (PublicKey) -> Bool) {
        guard body.count <= address.table.bodyLimit else { throw .tooLarge(body.count) }
        let plaintext = try keys.open(body, at: address)
        guard plaintext.count > RowForm.signatureBytes else { throw .malformedSeal }
        let signature = Array(plaintext[..<RowForm.signatureBytes])
        let payload = Array(plaintext[RowForm.signatureBytes...])
        let statement: RowStatement<Row>
        do throws(FormError) {
            statement = try RowStatement(
                parsing: payload, limit: RowForm.payloadLimit(address.table))
        } catch { throw .malformed(error) }
        let signatures = verifier.signatures
        return (
            statement,
            { key in
                signatures.verifies(
                    signature, of: preAuthenticationEncoding(PayloadType.row.text, payload),
                    by: key.bytes)
            }
        )
    }
}

/// A row that a member of the cluster signed, with columns that say the same. Only `RowVerifier` makes one.
///
/// It does not say that the row is the newest one, nor that the people's signatures in it verify.
package struct VerifiedRow<Row: ClusterRow>: Hashable, Sendable {
    package let row: Row
    package let node: NodeName
    /// The time at the node.
    package let at: Timestamp
    package let columns: Row.Columns
    /// SHA-256 of the sealed body.
    package let digest: Digest

    fileprivate init(_ statement: RowStatement<Row>, _ columns: Row.Columns, digest: Digest) {
        row = statement.row
        node = statement.node
        at = statement.at
        self.columns = columns
        self.digest = digest
    }
}
