import InterlockAlerts
import InterlockApprovals
import InterlockJSON
package import InterlockModel
import InterlockPorts

extension NotificationService {
    func take(_ item: Item) async {
        switch item {
        case .approval(let kind, let request): await tellApproval(kind, request)
        case .alarm(let alarm): await take(alarm)
        case .undelivered(let found): await tellOthers(found)
        }
    }

    private func tellApproval(_ kind: ApprovalNotification.Kind, _ request: ApprovalRequest) async {
        let topics = ApprovalNotification(kind, request, withArguments: routes.showsArguments)
        let now = ports.clock.wall
        let url = routes.page(of: topics)
        // The owner is notified of a denial also by channels that approvers are not notified by.
        if kind == .denied, let owner = owner(of: request),
            let alert = topics.alert(ports.newID(), at: now, url: url, to: owner)
        {
            await send(alert, to: routes.personal.subtracting(routes.notify))
        }
        guard !routes.notify.isEmpty else { return }
        let name = kind.asks ? told(kind, request) : nil
        if let name, await isTold(name) { return }
        for channel in routes.notify.sorted() {
            if routes.personal.contains(channel) {
                for person in readers(kind, request) {
                    let alert = topics.alert(ports.newID(), at: now, url: url, to: person)
                    if let alert { await send(alert, to: [channel]) }
                }
            } else if let alert = topics.alert(ports.newID(), at: now, url: url) {
                await send(alert, to: [channel])
            }
        }
        guard let name else { return }
        do throws(StoreFailure) {
            try await ports.notices.note(
                told: [name], until: request.expires + .seconds(86_400), now: now)
        } catch {
            // The next start sends it once more.
            ports.warn("that people were told cannot be noted: \(error.reason)")
        }
    }

    /// Returns the name of a notification that is sent once for each revision of a request.
    private func told(_ kind: ApprovalNotification.Kind, _ request: ApprovalRequest) -> String {
        let what = kind == .escalated ? "escalated" : "asked"
        return "\(what)/\(request.id.text)/\(request.revision)"
    }

    private func isTold(_ name: String) async -> Bool {
        do throws(StoreFailure) {
            return try await ports.notices.told(among: [name]).contains(name)
        } catch { return false }
    }

    /// Returns the recipients: the voters, or for an escalation only those whom it added; for break-glass and a denial
    /// also the agent's owner.
    private func readers(_ kind: ApprovalNotification.Kind, _ request: ApprovalRequest)
        -> [MailAddress]
    {
        let voters = request.voters.filter { kind != .escalated || $0.seat == .escalated }
            .compactMap { MailAddress($0.person.address) }
        guard kind == .brokenGlass || kind == .denied, let owner = owner(of: request),
            !voters.contains(owner)
        else { return voters }
        return voters + [owner]
    }

    private func owner(of request: ApprovalRequest) -> MailAddress? {
        request.review.facts["owner"]?.string.flatMap(MailAddress.init)
    }

    /// Notifies operators by the other channels that one channel did not receive a notification. If this notice itself
    /// is not delivered, no further one is sent.
    private func tellOthers(_ found: UndeliveredNotification) async {
        guard found.alert.kind != OutgoingNotification.undelivered else { return }
        // A channel that fails its test would fail when it matters.
        let alert = OutgoingNotification(
            id: ports.newID(), dedupe: "\(OutgoingNotification.undelivered)/\(found.channel)",
            severity: found.alert.kind == OutgoingNotification.test ? .page : .high,
            kind: OutgoingNotification.undelivered, at: ports.clock.wall,
            summary:
                "the channel \(found.channel.text) was not told of \(found.alert.kind): \(found.reason)"
        )
        if let alert {
            await send(alert, to: routes.ops.union(routes.pages).subtracting([found.channel]))
        }
    }

    /// Hands a notification to the outbox, one channel after another. A store that fails is tried again after 200 and
    /// 400 ms; then the notification is undelivered.
    func send(_ alert: OutgoingNotification, to channels: Set<ChannelName>) async {
        for channel in channels.sorted() {
            for round in 1...Self.storeTries {
                do throws(StoreFailure) {
                    try await outbox.tell(alert, to: [channel])
                    break
                } catch {
                    guard round == Self.storeTries else {
                        try? await Task.sleep(for: .milliseconds(200 * round))
                        continue
                    }
                    outbox.tools.giveUp(on: alert, in: channel, .unkept, error.reason)
                }
            }
        }
    }

    private static let storeTries = 3
}

extension OutgoingNotification {
    static let undelivered = "alert.undelivered"

    /// The approval request that the notification is about.
    package var request: ApprovalID? {
        facts["request"]?.string.flatMap { text in
            text.hasPrefix("apr_") ? ApprovalID(text.dropFirst(4)) : nil
        }
    }
}

extension String {
    /// The text as a key: one line of printable ASCII, cut to the longest key.
    var asKey: String {
        String(
            decoding: utf8.map { $0 > 0x20 && $0 < 0x7f ? $0 : UInt8(ascii: "_") }
                .prefix(OutgoingNotification.longestKey), as: UTF8.self)
    }
}
