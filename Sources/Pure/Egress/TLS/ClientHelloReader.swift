/// Reads the first message of a TLS client, from bytes in any pieces: records of any number and size
/// (RFC 8446, sections 4.1.2 and 5.1; RFC 6066, section 3).
package struct ClientHelloReader: Sendable {
    package static let limitBytes = 64 * 1024
    /// The longest content of a record.
    static let longestRecord = 16 * 1024

    /// All bytes that were received, which go to the server unchanged.
    package private(set) var received: [UInt8] = []
    /// The start of the record that is not read yet.
    private var place = 0
    private var message: [UInt8] = []

    package init() {}

    /// - Returns: nil if more bytes are needed. Must not be called again after a result.
    package mutating func read(
        _ piece: some Sequence<UInt8>
    ) throws(EgressRefusal) -> ClientHello? {
        received.append(contentsOf: piece)
        while let record = try nextRecord() {
            message += received[record]
            place = record.upperBound
            if let length = try messageLength(), message.count >= length {
                guard message.count == length else {
                    throw EgressRefusal(.notTLS, "another message in the record of the ClientHello")
                }
                return try ClientHello(message[4...])
            }
        }
        guard received.count < Self.limitBytes else {
            throw EgressRefusal(.limit, "the ClientHello is above \(Self.limitBytes) bytes")
        }
        return nil
    }

    /// Returns the content of the next whole record. What is already certain is refused at once.
    private func nextRecord() throws(EgressRefusal) -> Range<Int>? {
        let header = received[place...].prefix(5)
        guard let type = header.first else { return nil }
        guard type == 22, header.count < 2 || header[place + 1] == 3 else {
            throw EgressRefusal(.notTLS, "not a handshake record of TLS")
        }
        guard header.count == 5 else { return nil }
        let length = Int(header[place + 3]) << 8 | Int(header[place + 4])
        guard (1...Self.longestRecord).contains(length) else {
            throw EgressRefusal(.notTLS, "invalid length of a record")
        }
        let content = (place + 5)..<(place + 5 + length)
        guard content.upperBound <= Self.limitBytes else {
            throw EgressRefusal(.limit, "the ClientHello is above \(Self.limitBytes) bytes")
        }
        return received.count >= content.upperBound ? content : nil
    }

    /// Returns the length of the message with its header, once it is known.
    private func messageLength() throws(EgressRefusal) -> Int? {
        guard let type = message.first else { return nil }
        guard type == 1 else { throw EgressRefusal(.notTLS, "not a ClientHello") }
        guard message.count >= 4 else { return nil }
        let length = Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
        guard length <= Self.limitBytes else {
            throw EgressRefusal(.limit, "the ClientHello is above \(Self.limitBytes) bytes")
        }
        return 4 + length
    }
}
