import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAlerts

@Suite struct `Messages of channels` {
    @Test func `a webhook's signature covers time and body`() throws {
        let alert = try Alerting.alert().json
        var signed: [UInt8] = []
        let message = WebhookMessage(alert, now: Alerting.now) { bytes in
            signed = bytes
            return [0xab, 0x01]
        }
        #expect(message.signature == "t=1795169045,v1=ab01")
        #expect(signed == Array("1795169045.".utf8) + message.body)
        #expect(message.body == alert.serialized())
    }

    @Test func `nothing in a chat message can mention or link`() throws {
        let alert = try Alerting.alert(
            "tool \("<!channel> & <@U1> <http://evil.example|click>") failed",
            facts: ["url": "https://interlock.example/alerts/1"])
        let value = try JSONValue(parsing: SlackMessage(alert).body, limits: .agent)
        let text = try #require(value["text"]?.string)
        #expect(text.contains("&lt;!channel&gt; &amp; &lt;@U1&gt;"))
        #expect(text.contains("http⟦U+003A⟧//evil.example"))
        #expect(text.filter { $0 == "<" }.count == 1)
        #expect(text.hasSuffix("\n<https://interlock.example/alerts/1>"))
        #expect(value["link_names"] == false)
    }

    @Test func `in a mail nothing is a link but our own`() throws {
        let evil = "https://evil.example/deny/x"
        let alert = try Alerting.alert(
            "tool \(evil) failed",
            facts: [
                "arguments": .string("{\"note\":\"deny: \(evil)\"}"), "agent": .string(evil),
                "deny": "https://interlock.example/deny/token",
                "url": "https://interlock.example/approvals/apr_1",
            ])
        let address = try #require(MailAddress("ops@acme.example"))
        let mail = try #require(
            MailMessage(alert, from: address, to: [address], now: Alerting.now))
        let whole = String(decoding: mail.bytes, as: UTF8.self)
        let encoded = try #require(whole.split(separator: "\r\n\r\n", maxSplits: 1).last)
        let body = String(
            decoding: try #require(
                Base64.decode(String(encoded.unicodeScalars.filter { $0.value > 0x20 }))),
            as: UTF8.self)
        let links = body.split(separator: "\r\n").filter { $0.contains("://") }
        #expect(
            links == [
                "deny: https://interlock.example/deny/token",
                "url: https://interlock.example/approvals/apr_1",
            ])
        #expect(body.contains("deny: https⟦U+003A⟧//evil.example"))
    }

    @Test func `a link with markup is left out`() throws {
        let alert = try Alerting.alert(facts: ["url": "https://x/|<!here>"])
        let text = try JSONValue(parsing: SlackMessage(alert).body, limits: .agent)["text"]?.string
        #expect(text?.contains("!here") == false)
    }

    @Test(arguments: [
        "ops@acme.example", "a.b+c@x", "o'neil@acme.example",
    ])
    func `addresses that are taken`(text: String) { #expect(MailAddress(text) != nil) }

    @Test(arguments: [
        "", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\r\nBcc: x@y", "<a@b>", "a.@b", ".a@b", "a..b@c",
        "\"a\"@b", "a@[127.0.0.1]", "a@b,c@d", "caf\u{e9}@b", "a@b\0",
        String(repeating: "a", count: 250) + "@b.cd",
    ])
    func `addresses that are refused`(text: String) { #expect(MailAddress(text) == nil) }

    @Test func `no text of an alert begins a line of the message`() throws {
        var random = SeededGenerator.announced()
        let pieces = ["\r\n", "\n", "\r", ".", "Bcc: x@y", "\u{2028}", "\u{1f469}", "=?", "a"]
        let from = try #require(MailAddress("interlock@acme.example"))
        let to = try #require(MailAddress("ops@acme.example"))
        for _ in 0..<200 {
            let text = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            let alert = try Alerting.alert("\(text)", facts: ["agent": .string(text)])
            let mail = try #require(MailMessage(alert, from: from, to: [to], now: Alerting.now))
            let whole = String(decoding: mail.bytes, as: UTF8.self)
            let parts = whole.split(separator: "\r\n\r\n", maxSplits: 1)
            let fields = parts[0].split(separator: "\r\n")
                .filter { !$0.hasPrefix(" ") }.map { $0.prefix { $0 != ":" } }
            #expect(
                fields == [
                    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version",
                    "Content-Type", "Content-Transfer-Encoding",
                ], "\(text.debugDescription)")
            let symbols = parts[1].utf8.filter { $0 != 0x0d && $0 != 0x0a }
            let body = Base64.decode(String(decoding: symbols, as: UTF8.self))
            #expect(body != nil)
            let lines = mail.bytes.split(separator: 0x0a)
            #expect(lines.allSatisfy { $0.count <= 78 && $0.last == 0x0d })
        }
    }

    @Test(arguments: [
        (Int64(0), "Thu, 01 Jan 1970 00:00:00 +0000"),
        (1_795_169_045, "Fri, 20 Nov 2026 10:04:05 +0000"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
    ])
    func `a date as mail has it`(seconds: Int64, text: String) {
        #expect(Timestamp(microseconds: seconds * 1_000_000).rfc5322 == text)
    }

    @Test func `a message has someone to go to`() throws {
        let from = try #require(MailAddress("interlock@acme.example"))
        #expect(MailMessage(try Alerting.alert(), from: from, to: [], now: Alerting.now) == nil)
        let many = Array(repeating: from, count: MailMessage.mostRecipients + 1)
        #expect(MailMessage(try Alerting.alert(), from: from, to: many, now: Alerting.now) == nil)
    }
}
