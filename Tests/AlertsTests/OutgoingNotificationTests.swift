import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAlerts

/// Outgoing notifications and their grouping (docs/specs/limits-and-monitoring.md, section 11).
@Suite struct Alerting {
    static let now = Timestamp(microseconds: 1_795_169_045_123_000)

    static func alert(
        _ summary: NotificationText = "same refund \(5) times",
        key: String = "breaker-agent/refunds",
        _ severity: AlertSeverity = .high, facts: JSONObject = ["agent": "refunds"]
    ) throws -> OutgoingNotification {
        try #require(made(summary, key: key, severity, facts: facts))
    }

    private static func made(
        _ summary: NotificationText = "said", key: String = "key",
        _ severity: AlertSeverity = .high,
        facts: JSONObject = [:]
    ) -> OutgoingNotification? {
        OutgoingNotification(
            id: AlertID(milliseconds: now.milliseconds, random: Array(repeating: 7, count: 10)),
            dedupe: key, severity: severity, kind: "breaker.agent", at: now, summary: summary,
            facts: facts)
    }

    @Test func `the form is read back as it was written`() throws {
        let alert = try Self.alert()
        let written = String(decoding: alert.json.serialized(), as: UTF8.self)
        #expect(written.contains(#""at":"2026-11-20T10:04:05.123Z""#))
        #expect(OutgoingNotification(alert.json) == alert)
        for name in ["v", "id", "dedupe", "severity", "kind", "at", "summary"] {
            var object = try #require(alert.json.object)
            object[name] = nil
            #expect(OutgoingNotification(.object(object)) == nil, "without \(name)")
            object[name] = ["other": "form"]
            #expect(OutgoingNotification(.object(object)) == nil, "another \(name)")
        }
    }

    @Test(arguments: [
        "", "two words", "line\nbreak", "caf\u{e9}", String(repeating: "k", count: 201),
    ])
    func `a key is one short line of ASCII`(key: String) {
        #expect(Self.made(key: key) == nil)
    }

    @Test func `a fact does not take the place of a member`() {
        #expect(Self.made(facts: ["severity": "info"]) == nil)
        #expect(Self.made(facts: ["agent": "refunds"]) != nil)
    }

    @Test func `what somebody else chose is quoted, cut and made visible`() {
        let name = "a\u{202e}b\nc\u{200b}"
        let text: NotificationText = "tool \(name) failed"
        #expect(text.text == "tool \"a⟦U+202E⟧b⟦U+000A⟧c⟦U+200B⟧\" failed")
        let closing: NotificationText = "tool \("x\" was approved") failed"
        #expect(closing.text == "tool \"x⟦U+0022⟧ was approved\" failed")
        let heap: NotificationText = "\("a" + String(repeating: "\u{301}", count: 100_000))"
        #expect(heap.text.unicodeScalars.count < 210)
        let long: NotificationText = "\(String(repeating: "x", count: 300))"
        #expect(long.text == "\"" + String(repeating: "x", count: 200) + "...\"")
    }
}

@Suite struct Retrying {
    @Test func `pauses double up to five minutes, with jitter of half`() {
        for (tries, step) in [(1, 1), (2, 2), (3, 4), (9, 256), (10, 300), (11, 300), (.max, 300)] {
            let least = Retry.pause(after: tries, jitter: 0)
            let most = Retry.pause(after: tries, jitter: UInt64(step) * 500_000)
            #expect(least == .milliseconds(step * 500) && most == .seconds(step), "\(tries)")
            #expect(Retry.pause(after: tries, jitter: .max) <= .seconds(step))
        }
    }

    @Test func `a day is enough`() {
        let first = Alerting.now
        #expect(Retry.next(after: 3, since: first, now: first + .seconds(86_390), jitter: 0) != nil)
        #expect(Retry.next(after: 3, since: first, now: first + .seconds(86_399), jitter: 0) == nil)
    }

    @Test func `only answers that may change are asked for again`() {
        for status in 100...599 {
            let result = DeliveryResult(status: status)
            switch status {
            case 200...299: #expect(result == .delivered)
            case 408, 425, 429, 500...599: #expect(result == .failed("HTTP \(status)"))
            default: #expect(result == .refused("HTTP \(status)"))
            }
        }
    }
}

@Suite struct Grouping {
    private func take(
        _ grouping: inout NotificationGrouping, _ key: String, after seconds: Int,
        _ severity: AlertSeverity = .high
    ) throws -> NotificationGrouping.Verdict {
        grouping.take(
            try Alerting.alert(key: key, severity), now: Alerting.now + .seconds(seconds))
    }

    @Test func `one key is told once in ten minutes, with how many were held`() throws {
        var grouping = NotificationGrouping()
        #expect(try take(&grouping, "a", after: 0) == .tell(held: 0))
        #expect(try take(&grouping, "a", after: 1) == .hold)
        #expect(try take(&grouping, "b", after: 2) == .tell(held: 0))
        #expect(try take(&grouping, "a", after: 599) == .hold)
        #expect(try take(&grouping, "a", after: 600) == .tell(held: 2))
    }

    @Test func `a clock set back holds nothing`() throws {
        var grouping = NotificationGrouping()
        #expect(try take(&grouping, "a", after: 1000) == .tell(held: 0))
        #expect(try take(&grouping, "a", after: 0) == .tell(held: 0))
    }

    @Test func `a storm becomes one summary, and whoever is to be woken is woken`() throws {
        var grouping = NotificationGrouping()
        for number in 0..<30 {
            #expect(try take(&grouping, "key-\(number)", after: number) == .tell(held: 0))
        }
        guard case .summarize(let storm) = try take(&grouping, "key-30", after: 30) else {
            Issue.record("no summary")
            return
        }
        #expect(storm.count == 31 && storm.held == 1 && storm.requests.isEmpty)
        #expect(storm.source.agent == nil)
        #expect(try take(&grouping, "key-31", after: 31) == .hold)
        #expect(try take(&grouping, "key-32", after: 32, .page) == .tell(held: 0))
        #expect(try take(&grouping, "key-33", after: 400) == .tell(held: 0))
    }

    @Test func `keys are forgotten before memory fills`() throws {
        var grouping = NotificationGrouping()
        // The notifications are spread over time, so that no storm begins.
        for number in 0...NotificationGrouping.mostKeys {
            _ = try take(&grouping, "key-\(number)", after: number * 20)
        }
        #expect(
            try take(&grouping, "key-0", after: NotificationGrouping.mostKeys * 20 + 20)
                == .tell(held: 0))
    }
}
