import CMail
import InterlockAlerts

/// A server that takes mails for others.
package struct MailServer: Sendable {
    /// `smtps://host:465`, or `smtp://host:587`, where STARTTLS must follow.
    private let url: String
    private let user: String?
    private let authorities: TLSAuthorities?

    /// From the first byte to the last of one mail.
    private static let milliseconds = 30_000

    /// - Parameter authorities: what else signs certificates besides what the system knows.
    package init(url: String, user: String?, authorities: TLSAuthorities?) {
        self.url = url
        self.user = user
        self.authorities = authorities
    }

    /// Blocks until the server has answered, or for half a minute. A reply of 5yz is final, all else is worth
    /// another try (RFC 5321, section 4.2.1).
    ///
    /// - Parameter password: nil where nobody signs in.
    func send(_ mail: MailMessage, _ password: String?) -> DeliveryResult {
        var answer = 0
        var reason = [CChar](repeating: 0, count: Int(INTERLOCK_MAIL_REASON))
        let code = perform(mail, password, &answer, &reason)
        if code == 0 { return .delivered }
        if (500..<600).contains(answer) { return .refused("SMTP \(answer)") }
        if (400..<500).contains(answer) { return .failed("SMTP \(answer)") }
        let text = String(
            decoding: reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return .failed("no mail could be handed over: \(text.lowercased())")
    }

    private func perform(
        _ mail: MailMessage, _ password: String?, _ answer: inout Int, _ reason: inout [CChar]
    ) -> Int32 {
        let to = mail.to.map(\.text).joined(separator: "\n")
        let pem = authorities?.pem ?? []
        return unsafe interlock_mail_send(
            url, user, user == nil ? nil : password ?? "", pem, pem.count, Self.milliseconds,
            mail.from.text, to, mail.bytes, mail.bytes.count, &answer, &reason)
    }
}
