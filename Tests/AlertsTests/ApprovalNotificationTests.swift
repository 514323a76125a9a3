import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAlerts

/// Notifications about approval requests (docs/specs/approvals.md, section 8).
@Suite struct `News of approvals` {
    private func topics(
        _ kind: ApprovalNotification.Kind = .requested, arguments: JSONValue? = nil
    ) throws -> ApprovalNotification {
        ApprovalNotification(
            kind, request: ApprovalID(milliseconds: 1, random: Array(repeating: 3, count: 10)),
            revision: 2, agent: try #require(AgentName("refunds")),
            tool: try #require(ToolAddress(wireName: "billing__refund_request")), tier: .high,
            deadline: Timestamp(microseconds: 1_795_169_700_000_000), arguments: arguments)
    }

    private func alert(_ topics: ApprovalNotification, to: String? = nil) throws
        -> OutgoingNotification
    {
        try #require(
            topics.alert(
                AlertID(milliseconds: 2, random: Array(repeating: 4, count: 10)),
                at: Alerting.now, url: "https://interlock.example/approvals/x",
                to: to.flatMap(MailAddress.init)))
    }

    @Test(arguments: ApprovalNotification.Kind.allCases)
    func `each kind says which request, and nothing of the call but agent, tool and tier`(
        _ kind: ApprovalNotification.Kind
    ) throws {
        let alert = try alert(topics(kind))
        #expect(alert.kind == kind.rawValue)
        #expect(alert.summary.text.contains("apr_"))
        #expect(
            Set(alert.facts.members.map(\.key)) == [
                "request", "agent", "tool", "tier", "deadline", "url",
            ])
        #expect(alert.severity == (kind == .brokenGlass ? .page : kind.asks ? .high : .info))
        #expect(OutgoingNotification(alert.json) == alert)
    }

    @Test func `what the call would do is told where an operator wants it, in bounds`() throws {
        let short = try alert(topics(arguments: ["amount_cents": 42000]))
        #expect(short.facts["arguments"] == #"{"amount_cents":42000}"#)
        let long = try alert(
            topics(arguments: ["text": .string(String(repeating: "a", count: 10_000))]))
        #expect(
            long.facts["arguments"]?.string?.utf8.count == ApprovalNotification.longestArguments + 3
        )
    }

    @Test func `whom it is for is told to no channel`() throws {
        let alert = try alert(topics(), to: "paul@acme.example")
        #expect(alert.recipient?.text == "paul@acme.example")
        let from = try #require(MailAddress("interlock@acme.example"))
        let to = try #require(alert.recipient)
        let mail = try #require(MailMessage(alert, from: from, to: [to], now: Alerting.now))
        let body = String(decoding: mail.bytes, as: UTF8.self).split(separator: "\r\n\r\n").last
        let text = body.flatMap { Base64.decode($0.replacing("\r\n", with: "")) }
        let lines = String(decoding: try #require(text), as: UTF8.self).split(separator: "\r\n")
        #expect(lines.contains("tool: billing__refund_request"))
        #expect(!lines.contains { $0.hasPrefix("to:") })
    }

    @Test func `a person who cannot be reached holds back nobody else`() throws {
        let (ines, paul) = (
            try alert(topics(), to: "ines@acme.example"),
            try alert(topics(), to: "paul@acme.example")
        )
        #expect(ines.dedupe == paul.dedupe)
        let now = Alerting.now
        let first = QueuedNotification(ines, since: now, next: now + .seconds(60))
        let second = QueuedNotification(paul, since: now, next: now)
        #expect(ChannelQueue([first, second]).step(now: now) == .send(second))
    }

    @Test func `a token has one spelling`() throws {
        let token = DenialToken(code: Array(0..<32))
        #expect(DenialToken(path: token.path) == token)
        let text = token.text
        for path in [
            "/deny/", "/deny", "/deny/" + text.dropLast(), token.path + "A", token.path + "/",
            "/Deny/" + text, token.path + "=", "/deny/" + text.dropLast() + "!", text,
            // The last symbol carries two unused bits.
            "/deny/" + text.dropLast() + "9",
        ] {
            #expect(DenialToken(path: path) == nil, "\(path)")
        }
    }
}
