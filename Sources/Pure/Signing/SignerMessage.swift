/// The framing of both directions on the signer's socket: a big-endian u32 length and as many bytes.
package enum SignerMessage {
    package static let headBytes = 4
    /// The maximum size of a request: a statement of 128 KiB, or the growth by 4,096 leaves of 32 bytes, with their heads.
    package static let maximumRequestBytes = 132 << 10
    package static let maximumResponseBytes = 8 << 10

    /// Returns the message with its length.
    /// - Precondition: it has at most 2^32-1 bytes.
    package static func framed(_ body: [UInt8]) -> [UInt8] {
        var writer = SigningFieldsWriter()
        writer.add(UInt64(body.count), width: headBytes)
        writer.add(body)
        return writer.bytes
    }

    /// - Parameter head: the first `headBytes` bytes of a message.
    /// - Returns: the number of bytes that follow, or nil if there are none or more than `most`.
    package static func length(_ head: [UInt8], most: Int) -> Int? {
        var fields = SigningFields(head)
        guard head.count == headBytes, let length = fields.integer(headBytes), length > 0,
            length <= UInt64(most)
        else { return nil }
        return Int(length)
    }
}
