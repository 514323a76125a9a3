package import InterlockModel

/// The position after the entry with this deadline and id, at which the next page of a list starts. Opaque to clients
/// but not secret: visibility is checked again for each request that uses it.
package struct PageCursor: Hashable, Sendable {
    package let expires: Timestamp
    package let id: ApprovalID
    /// Identifies the list by its viewer and filter; a cursor is valid only for the list it was made for.
    package let list: [UInt8]

    package static let listBytes = 8
    private static let version: UInt8 = 1
    private static let bytes = 1 + listBytes + 8 + ApprovalID.length

    /// - Precondition: `list` has `listBytes` bytes.
    package init(expires: Timestamp, id: ApprovalID, list: [UInt8]) {
        precondition(list.count == Self.listBytes, "a cursor is of one list")
        self.expires = expires
        self.id = id
        self.list = list
    }

    package var text: String {
        let time = UInt64(bitPattern: expires.microseconds)
        let places = (0..<8).map { UInt8(truncatingIfNeeded: time >> UInt64(56 - 8 * $0)) }
        return Base64.encodeURL([Self.version] + list + places + Array(id.text.utf8))
    }

    /// Returns nil if `text` is not a cursor of this version.
    package init?(text: String) {
        guard text.utf8.count == Self.textCount, let bytes = Base64.decodeURL(text),
            bytes.count == Self.bytes, bytes[0] == Self.version
        else { return nil }
        let time = bytes[9..<17].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let written = String(validating: bytes[17...], as: UTF8.self),
            let id = ApprovalID(written)
        else { return nil }
        list = Array(bytes[1..<9])
        expires = Timestamp(microseconds: Int64(bitPattern: time))
        self.id = id
    }

    private static let textCount = (bytes * 4 + 2) / 3

    package static let shape = TextShape(
        "a cursor of this list", pattern: "^[A-Za-z0-9_-]{\(textCount - 1)}[AQgw]$"
    ) { $0.utf8.count == textCount && Base64.decodeURL($0) != nil }
}
