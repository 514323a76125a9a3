import InterlockJSON
package import InterlockModel

/// A mail address that is safe in SMTP and in a header: `local@domain` of printable ASCII (RFC 5321, section 4.1.2,
/// dot-atoms only).
package struct MailAddress: Sendable, Hashable {
    package let text: String

    package static let longest = 254

    package init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.longest, parts.count == 2,
            parts.allSatisfy({ Self.isDotAtom($0) })
        else { return nil }
        self.text = text
    }

    private static func isDotAtom(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty
                && atom.utf8.allSatisfy { byte in
                    let scalar = Unicode.Scalar(byte)
                    return scalar.isASCII
                        && (scalar.properties.isAlphabetic || (0x30...0x39).contains(byte)
                            || "!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains(scalar))
                }
        }
    }
}

/// A plain-text message (RFC 5322). Header fields consist of validated parts or encoded words (RFC 2047), the body is
/// base64: no text of a notification can begin a line of either.
package struct MailMessage: Sendable, Equatable {
    package let from: MailAddress
    package let to: [MailAddress]
    package let bytes: [UInt8]

    package static let mostRecipients = 100

    /// - Returns: nil without a recipient, or with more than `mostRecipients`.
    ///
    /// - Parameter held: the number of earlier notifications with its key that were not delivered.
    package init?(
        _ alert: OutgoingNotification, held: Int = 0, from: MailAddress, to: [MailAddress],
        now: Timestamp
    ) {
        guard !to.isEmpty, to.count <= Self.mostRecipients else { return nil }
        self.from = from
        self.to = to
        let domain = from.text.split(separator: "@").last ?? "localhost"
        let subject = "[Interlock] \(alert.severity.rawValue): \(alert.summary.text.unlinked)"
        let fields = [
            "From: \(from.text)",
            "To: \(to.map(\.text).joined(separator: ",\r\n "))",
            "Subject: \(Self.encoded(subject))",
            "Date: \(now.rfc5322)",
            "Message-ID: <\(alert.id.text)@\(domain)>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ]
        bytes = Array((fields.joined(separator: "\r\n") + "\r\n\r\n" + Self.body(alert, held)).utf8)
    }

    /// The facts that contain links of ours; all other facts may contain foreign text, and are never made links.
    private static let links: Set = ["url", "deny"]

    private static func body(_ alert: OutgoingNotification, _ held: Int) -> String {
        var lines = [alert.summary.text.unlinked, ""]
        if held > 0 { lines.append("held back before it: \(held)") }
        lines += ["kind: \(alert.kind)", "id: \(alert.id.text)"]
        for (name, value) in alert.facts.members.sorted(by: { $0.key < $1.key }) {
            guard let text = value.string, name != OutgoingNotification.recipientFact else {
                continue
            }
            let line = NotificationText(shown: text).text
            lines.append("\(name): \(links.contains(name) ? line : line.unlinked)")
        }
        lines.append("at: \(alert.at.rfc3339(fractionDigits: 3))")
        let encoded = Base64.encode(Array((lines.joined(separator: "\r\n") + "\r\n").utf8))
        return stride(from: 0, to: encoded.utf8.count, by: 76).map { start in
            String(decoding: Array(encoded.utf8.dropFirst(start).prefix(76)), as: UTF8.self)
        }.joined(separator: "\r\n") + "\r\n"
    }

    /// Splits text into encoded words of whole characters, on lines of at most 76 with the field's name (RFC 2047,
    /// section 2).
    private static func encoded(_ text: String) -> String {
        var words: [String] = []
        var piece: [UInt8] = []
        func close() {
            if !piece.isEmpty { words.append("=?utf-8?B?\(Base64.encode(piece))?=") }
            piece = []
        }
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if piece.count + bytes.count > 39 { close() }
            piece += bytes
        }
        close()
        return words.joined(separator: "\r\n ")
    }
}

extension Timestamp {
    /// The value of a mail's `Date` field, in UTC (RFC 5322, section 3.3): `Fri, 20 Nov 2026 10:04:05 +0000`.
    package var rfc5322: String {
        let text = Array(rfc3339(fractionDigits: 0).utf8)
        func part(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let weekday = Int(((days + 4) % 7 + 7) % 7)
        let month = CivilDate(daysSince1970: days).monthName
        let date = "\(part(8..<10)) \(month) \(part(0..<4))"
        return "\(Self.weekdays[weekday]), \(date) \(part(11..<19)) +0000"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
}
