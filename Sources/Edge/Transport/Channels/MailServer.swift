import CMail
import InterlockAlerts

/// A mail submission server.
package struct MailServer: Sendable {
    /// `smtps://host:465`, or `smtp://host:587`, which then requires STARTTLS.
    private let url: String
    private let user: String?
    private let authorities: TLSAuthorities?

    /// The time limit for sending one mail.
    private static let milliseconds = 30_000

    /// - Parameter authorities: certificate authorities in addition to those of the system.
    package init(url: String, user: String?, authorities: TLSAuthorities?) {
        self.url = url
        self.user = user
        self.authorities = authorities
    }

    /// Blocks until the server has answered, for at most 30 seconds. A reply of 5yz is final; any other failure may be
    /// retried (RFC 5321, section 4.2.1).
    ///
    /// - Parameter password: the password of `user`, or nil if the server requires no sign-in.
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
