import InterlockConfiguration
import InterlockPolicy
import InterlockYAML
import Testing

@testable import interlock

/// The keys `alerts.channels` and `approval_service.notify`.
@Suite struct `Channels in the configuration` {
    private func read(_ text: String) throws -> Configuration {
        let reading = readYAML(Array(text.utf8), file: "interlock.yaml")
        return try ConfigurationFile.read(
            try #require(reading.root, "\(reading.findings)"), file: "interlock.yaml")
    }

    private func message(_ channels: String, notify: String = "[]") -> String? {
        do {
            _ = try read(
                "alerts:\n  channels: \(channels)\napproval_service:\n  notify: \(notify)\n")
            return nil
        } catch let failure as ConfigurationError {
            return failure.message
        } catch { return "\(error)" }
    }

    @Test func `each kind is written as it was read`() throws {
        let text = ConfigurationFile.text(
            of: try read(
                """
                ledger: {origin: acme/gw1/2026}
                alerts:
                  channels:
                    - {name: ops, slack: {secret: slack-ops}, page: true}
                    - {name: pager, webhook: {url: "https://pager.example/in", secret: hmac}}
                    - name: approvers
                      email: {smtp: "smtps://mail.example:465", from: interlock@acme.example}
                    - name: list
                      email: {smtp: "smtp://mail.example:587", from: a@b, to: [c@d, e@f], user: u, secret: s}
                approval_service:
                  notify: [approvers, pager]

                """))
        #expect(text.contains("notify: [approvers, pager]"))
        #expect(text.contains("{name: ops, slack: {secret: slack-ops}, page: true}"))
        #expect(
            text.contains(
                "{name: list, email: {smtp: \"smtp://mail.example:587\", from: \"a@b\", to: [\"c@d\", \"e@f\"], user: \"u\", secret: s}, page: false}"
            ))
        #expect(ConfigurationFile.text(of: try read(text)) == text)
    }

    @Test(arguments: [
        "[{name: ops}]", "[{slack: {secret: s}}]", "[{name: Ops, slack: {secret: s}}]",
        "[{name: ops, slack: {secret: s}, webhook: {url: \"https://x\", secret: s}}]",
        "[{name: ops, slack: {url: \"https://hooks.slack.example/T\"}}]",
        "[{name: ops, slack: {secret: \"https://hooks.slack.example/T\"}}]",
        "[{name: ops, webhook: {url: \"http://pager.example\", secret: s}}]",
        "[{name: ops, webhook: {url: \"https://u@pager.example\", secret: s}}]",
        "[{name: ops, webhook: {url: \"https://pager.example\"}}]",
        "[{name: ops, exec: []}]", "[{name: ops, exec: [\"true\"]}]",
        "[{name: ops, slack: {secret: s}}, {name: ops, slack: {secret: t}}]",
        "[{name: m, email: {smtp: \"https://mail.example:465\", from: a@b}}]",
        "[{name: m, email: {smtp: \"smtps://mail.example\", from: a@b}}]",
        "[{name: m, email: {smtp: \"smtps://u:p@mail.example:465\", from: a@b}}]",
        "[{name: m, email: {smtp: \"smtps://mail.example:465\", from: \"a b@c\"}}]",
        "[{name: m, email: {smtp: \"smtps://mail.example:465\", from: a@b, user: u}}]",
        "[{name: m, email: {smtp: \"smtps://mail.example:465\", from: a@b, to: []}}]",
        "[{name: m, email: {smtp: \"smtps://mail.example:465\", from: a@b, password: x}}]",
        "[{name: ops, slack: {secret: s}, page: yes}]", "ops",
    ])
    func `what cannot work is refused with its place`(_ channels: String) {
        #expect(
            message(channels)?.hasPrefix("interlock.yaml:2:13 `channels` must be ") == true,
            "\(message(channels) ?? "taken")")
    }

    @Test func `only channels that exist hear of requests`() {
        #expect(
            message("[{name: ops, slack: {secret: s}}]", notify: "[ops, approvers]")
                == "interlock.yaml:4:11 `notify` names `approvers`, which is not in `alerts.channels`"
        )
        #expect(message("[{name: ops, slack: {secret: s}}]", notify: "[ops]") == nil)
    }

    @Test(arguments: ["name: ops", "name: night, page: true"])
    func `who is to hear of alarms must be somebody`(_ name: String) {
        let mail = "email: {smtp: \"smtps://mail.example:465\", from: a@b"
        #expect(message("[{\(name), \(mail)}}]")?.contains("has no `to`") == true)
        #expect(message("[{\(name), \(mail), to: [c@d]}}]") == nil)
    }
}
