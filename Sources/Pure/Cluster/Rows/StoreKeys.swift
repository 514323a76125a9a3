/// The store keys of a node: one that seals, and while keys are changed another one that opens alone.
///
/// A sealed body consists of 0x01, 8 bytes that name the store key, 12 bytes of nonce, the AES-256-GCM ciphertext and 16
/// bytes of tag. The additional data are the first 9 bytes and the address of the row.
///
/// INVARIANT: each address has a key of its own, derived from the store key, so that random nonces are safe for as many
/// rows as a cluster can write; a body opens at its address alone. Kept by `StoreKeysTests`, `RowCipherTests`.
package struct StoreKeys: Sendable {
    private let sealing: any RowCipher
    private let opening: (any RowCipher)?

    private static let format: UInt8 = 0x01
    package static let nonceBytes = 12
    private static let tagBytes = 16
    private static let headBytes = 1 + StoreKeyID.count + nonceBytes
    /// The size of a sealed body in addition to its plaintext, in bytes.
    package static let overhead = headBytes + tagBytes

    /// - Parameters:
    ///   - sealing: seals and opens.
    ///   - opening: the older key, or one that all nodes must have before any of them seals with it.
    /// - Returns: nil if both are the same key.
    package init?(sealing: any RowCipher, opening: (any RowCipher)? = nil) {
        guard opening?.id != sealing.id else { return nil }
        self.sealing = sealing
        self.opening = opening
    }

    /// - Parameter nonce: 12 random bytes, which must be used only once.
    package func seal(_ plaintext: [UInt8], at address: RowAddress, nonce: [UInt8]) -> [UInt8] {
        precondition(nonce.count == Self.nonceBytes, "a nonce has 12 bytes")
        let head = [Self.format] + sealing.id.bytes
        return head + nonce
            + sealing.seal(
                plaintext, info: Self.info(address), nonce: nonce,
                data: Self.data(head, address))
    }

    /// - Throws: `malformedSeal`, `unknownKey`, `wrongSeal`.
    package func open(_ body: [UInt8], at address: RowAddress) throws(RowFault) -> [UInt8] {
        guard body.count >= Self.overhead, body[0] == Self.format,
            let id = StoreKeyID(body[1..<1 + StoreKeyID.count])
        else { throw .malformedSeal }
        guard let cipher = [sealing, opening].compactMap({ $0 }).first(where: { $0.id == id })
        else { throw .unknownKey(id) }
        let plaintext = cipher.open(
            Array(body[Self.headBytes...]), info: Self.info(address),
            nonce: Array(body[1 + StoreKeyID.count..<Self.headBytes]),
            data: Self.data(Array(body[..<(1 + StoreKeyID.count)]), address))
        guard let plaintext else { throw .wrongSeal }
        return plaintext
    }

    private static func info(_ address: RowAddress) -> [UInt8] {
        address.bytes(for: "interlock/row-key/1")
    }

    private static func data(_ head: [UInt8], _ address: RowAddress) -> [UInt8] {
        head + address.bytes(for: "interlock/row/1")
    }
}
