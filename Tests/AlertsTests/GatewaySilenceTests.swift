import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockAlerts

/// The watch over a gateway from outside (docs/specs/limits-and-monitoring.md, section 11, dead man).
@Suite struct GatewaySilenceTests {
    private static let start = BootTime(microseconds: 5_000_000)
    private var watch = GatewaySilenceDetector(patience: .seconds(60), at: start)

    private static func alive(_ size: UInt64) -> Result<AliveMessage, WatchFault> {
        .success(
            AliveMessage(
                origin: "acme/gw1/2026", at: Timestamp(microseconds: 1_795_169_045_123_456),
                size: size, isHalted: false, waiting: 0))
    }

    private static let gone: Result<AliveMessage, WatchFault> = .failure(WatchFault("refused"))

    private mutating func look(
        _ look: Result<AliveMessage, WatchFault>, at seconds: Int
    ) -> [GatewaySilenceDetector.Event] {
        watch.events(of: look, at: Self.start + .seconds(seconds))
    }

    @Test mutating func `a gateway that was never there is reported after the patience`() {
        #expect(look(Self.gone, at: 59) == [])
        #expect(look(Self.gone, at: 60) == [.silent(.seconds(60), reason: "refused")])
        #expect(look(Self.gone, at: 600) == [], "once until it ends")
    }

    @Test mutating func `each silence is reported once, and its end once`() {
        #expect(look(Self.alive(5), at: 10) == [])
        #expect(look(Self.gone, at: 69) == [])
        #expect(look(Self.gone, at: 71) == [.silent(.seconds(61), reason: "refused")])
        #expect(look(Self.alive(6), at: 100) == [.heard(.seconds(90))])
        #expect(look(Self.alive(7), at: 110) == [])
        #expect(look(Self.gone, at: 170) == [.silent(.seconds(60), reason: "refused")])
    }

    @Test mutating func `a short silence is none`() {
        for second in stride(from: 0, to: 600, by: 50) {
            #expect(look(Self.gone, at: second) == [])
            #expect(look(Self.alive(UInt64(second) + 1), at: second + 1) == [])
        }
    }

    @Test mutating func `a statement of a shorter log is none`() {
        #expect(look(Self.alive(9), at: 0) == [])
        #expect(look(Self.alive(8), at: 59) == [])
        #expect(
            look(Self.alive(8), at: 60)
                == [.silent(.seconds(60), reason: "its log has 8 records, and had 9")])
    }

    @Test mutating func `a log that does not grow is reported once, and its growth once`() {
        for second in stride(from: 0, to: 180, by: 10) {
            #expect(look(Self.alive(9), at: second) == [])
        }
        #expect(look(Self.alive(9), at: 180) == [.still(size: 9)])
        #expect(look(Self.alive(9), at: 400) == [])
        #expect(look(Self.alive(10), at: 410) == [.growing(size: 10)])
        #expect(look(Self.alive(10), at: 589) == [])
        #expect(look(Self.alive(10), at: 590) == [.still(size: 10)])
    }

    @Test mutating func `a log could not grow while its gateway was away`() {
        #expect(look(Self.alive(9), at: 0) == [])
        #expect(look(Self.gone, at: 170) == [.silent(.seconds(170), reason: "refused")])
        #expect(look(Self.alive(9), at: 200) == [.heard(.seconds(200))])
        #expect(look(Self.alive(9), at: 379) == [])
        #expect(look(Self.alive(9), at: 380) == [.still(size: 9)])
    }

    @Test func `a statement is read back as it was written`() throws {
        let challenge = try #require(AliveChallenge("0123456789abcdef"))
        for challenge in [nil, challenge] {
            let message = AliveMessage(
                origin: "acme/gw1/2026", at: Timestamp(microseconds: 1_795_169_045_123_456),
                size: 7, isHalted: true, waiting: 3, challenge: challenge)
            #expect(try AliveMessage(parsing: message.json.canonical()) == message)
        }
    }

    @Test(arguments: [
        "", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdeg",
        String(repeating: "a", count: 65),
    ])
    func `a challenge has 16 to 64 lower-case hex digits`(_ text: String) {
        #expect(AliveChallenge(text) == nil)
    }

    @Test(arguments: [
        "", "null", "{}",
        #"{"at":"2026-11-20T10:04:05.123Z","halted":false,"origin":"a","size":-1,"v":1,"waiting":0}"#,
        #"{"at":"2026-11-20T10:04:05.123Z","halted":false,"origin":"a","size":1,"v":2,"waiting":0}"#,
        #"{"at":"today","halted":false,"origin":"a","size":1,"v":1,"waiting":0}"#,
        #"{"at":"2026-11-20T10:04:05.123Z","halted":false,"more":1,"origin":"a","size":1,"v":1,"waiting":0}"#,
    ])
    func `another form is no statement`(_ text: String) {
        #expect(throws: FormError.self) { try AliveMessage(parsing: Array(text.utf8)) }
    }

    @Test func `a hostile reason stays in its quotation`() throws {
        let event = GatewaySilenceDetector.Event.silent(.seconds(60), reason: "\u{202e}\n\"now\"")
        let alert = try #require(
            event.notification(
                of: "https://a.example",
                id: AlertID(milliseconds: 1, random: Array(repeating: 7, count: 10)),
                at: Timestamp(microseconds: 0)))
        #expect(alert.severity == .page && alert.kind == "gateway.silent")
        #expect(alert.summary.text.hasSuffix(#""⟦U+202E⟧⟦U+000A⟧⟦U+0022⟧now⟦U+0022⟧""#))
    }
}
