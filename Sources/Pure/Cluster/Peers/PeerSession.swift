import InterlockModel

/// The process of a node that sends messages: 16 random bytes that it draws when it starts.
package struct PeerSession: Hashable, Sendable {
    /// Standard base64 of 16 bytes.
    package let text: String

    /// - Parameter bytes: must be 16.
    package init(bytes: [UInt8]) {
        precondition(bytes.count == 16, "a session has 16 bytes")
        text = Base64.encode(bytes)
    }

    package init?(written text: String) {
        guard text.utf8.count == 24, Base64.decode(text)?.count == 16 else { return nil }
        self.text = text
    }
}
