import InterlockAlerts
import InterlockJSON
import InterlockModel

extension Invariants {
    /// A path holds at most one token, and each token has exactly one spelling.
    package static func denialToken(_ bytes: [UInt8]) {
        let path = String(decoding: bytes, as: UTF8.self)
        guard let token = DenialToken(path: path) else { return }
        precondition(token.path == path, "it is written as it was read")
        precondition(Base64.decodeURL(token.text)?.count == DenialToken.count, "it has 32 bytes")
    }

    /// A statement of a gateway that it is alive either round-trips or is rejected.
    private static func alive(_ bytes: [UInt8]) {
        guard let message = try? AliveMessage(parsing: bytes) else { return }
        guard let written = try? message.json.canonical(),
            let again = try? AliveMessage(parsing: written)
        else { preconditionFailure("it is not read again") }
        precondition(again == message, "it changes when it is written")
    }

    /// A stored notification either round-trips or is rejected. Its text cannot add lines to the message of any
    /// channel.
    package static func alert(_ bytes: [UInt8]) {
        alive(bytes)
        guard let value = try? JSONValue(parsing: bytes, limits: .agent),
            let alert = OutgoingNotification(value)
        else { return }
        guard let again = OutgoingNotification(alert.json) else {
            preconditionFailure("it is not read again")
        }
        precondition(again == alert, "it changes when it is written")
        precondition(alert.summary.text.unicodeScalars.allSatisfy(\.isSeen), "unseen")
        guard let address = MailAddress("a@b.example"),
            let mail = MailMessage(alert, from: address, to: [address], now: alert.at)
        else { return }
        let lines = String(decoding: mail.bytes, as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false)
        precondition(lines.allSatisfy { $0.utf8.count <= 998 }, "a line is too long")
        precondition(mail.bytes.allSatisfy { $0 < 0x80 }, "a byte is no ASCII")
        precondition(
            lines.prefix { !$0.isEmpty }.allSatisfy { $0.hasPrefix(" ") || $0.contains(": ") },
            "a line of the head is no field")
    }
}
