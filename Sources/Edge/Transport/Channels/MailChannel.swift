package import InterlockAlerts
package import InterlockModel
import InterlockPorts

/// `email`: plain text over SMTP with TLS. libcurl blocks until the server answers, so the channel needs a dedicated
/// thread.
package struct MailChannel: NotificationChannel {
    /// Runs a job on a thread that may block.
    ///
    /// - Returns: false if the job will not be run.
    package typealias Thread = @Sendable (_ job: @escaping @Sendable () -> Void) -> Bool

    package let name: ChannelName
    private let server: MailServer
    private let from: MailAddress
    private let to: [MailAddress]
    private let password: ChannelSecret?
    private let thread: Thread
    private let clock: any Clock

    /// - Parameters:
    ///   - to: the recipients of notifications that are not addressed to a person; empty for a channel that only writes
    /// to persons.
    ///   - password: the password of the account, or nil if the server requires no sign-in.
    package init(
        _ name: ChannelName, server: MailServer, from: MailAddress, to: [MailAddress],
        password: ChannelSecret?, thread: @escaping Thread, clock: any Clock
    ) {
        self.name = name
        self.server = server
        self.from = from
        self.to = to
        self.password = password
        self.thread = thread
        self.clock = clock
    }

    package func send(_ alert: OutgoingNotification, held: Int) async -> DeliveryResult {
        let recipients = alert.recipient.map { [$0] } ?? to
        let now = clock.wall
        guard let mail = MailMessage(alert, held: held, from: from, to: recipients, now: now)
        else { return .refused("this channel writes to people, and the alert names no recipient") }
        var secret: String?
        if let password {
            switch await password() {
            case .failure(let failure): return .failed(failure.reason)
            case .success(let found): secret = found
            }
        }
        let (server, found) = (server, secret)
        return await withCheckedContinuation { continuation in
            let isRun = thread { continuation.resume(returning: server.send(mail, found)) }
            if !isRun { continuation.resume(returning: .failed("mails wait for one another")) }
        }
    }
}
