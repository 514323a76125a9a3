/// One store key: AES-256-GCM under keys that are derived from it by HKDF-SHA256, injected because Pure contains no
/// cryptography. It is safe to use from any thread.
package protocol RowCipher: Sendable {
    var id: StoreKeyID { get }

    /// Returns the ciphertext and 16 bytes of tag.
    ///
    /// - Parameters:
    ///   - info: names the derived key.
    ///   - nonce: 12 bytes that no other call with this `info` has.
    ///   - data: the additional data.
    func seal(_ plaintext: [UInt8], info: [UInt8], nonce: [UInt8], data: [UInt8]) -> [UInt8]

    /// - Returns: nil if the tag is not that of these bytes, key, nonce and data.
    func open(_ sealed: [UInt8], info: [UInt8], nonce: [UInt8], data: [UInt8]) -> [UInt8]?
}

/// The name of a store key, derived from it: 8 bytes that do not reveal it.
package struct StoreKeyID: Hashable, Sendable {
    package static let count = 8
    package let bytes: [UInt8]

    /// - Returns: nil unless there are 8 bytes.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.count else { return nil }
        self.bytes = Array(bytes)
    }
}
