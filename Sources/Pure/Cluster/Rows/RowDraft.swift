package import InterlockModel

/// A row with the body that a node writes: its statement, signed and sealed.
package struct RowDraft<Row: ClusterRow>: Hashable, Sendable {
    package let row: Row
    package let body: [UInt8]

    /// - Parameters:
    ///   - keys: the store keys.
    ///   - nonce: 12 random bytes, which must be used only once.
    ///   - sign: returns the 64 bytes of the signature of a message by the key of the node's log.
    /// - Throws: `badMember` if the body would be larger than that of its table.
    package init(
        _ statement: RowStatement<Row>, keys: StoreKeys, nonce: [UInt8],
        sign: (_ message: [UInt8]) -> [UInt8]
    ) throws(FormError) {
        let address = statement.row.address
        let payload = try statement.canonical()
        guard payload.count <= RowForm.payloadLimit(address.table) else {
            throw .badMember("content", "at most \(address.table.bodyLimit) bytes, sealed")
        }
        let signature = sign(preAuthenticationEncoding(PayloadType.row.text, payload))
        precondition(
            signature.count == RowForm.signatureBytes, "an Ed25519 signature has 64 bytes")
        row = statement.row
        body = keys.seal(signature + payload, at: address, nonce: nonce)
    }
}
