import InterlockJSON
import InterlockMCP
import Testing

/// The consequence of each response, without any server.
@Suite struct EraNegotiationTests {
    private static let modern: EraNegotiation.Answer = .result([
        "supportedVersions": ["2026-07-28"], "capabilities": ["tools": [:]],
    ])
    private static let greeting: EraNegotiation.Answer = .result([
        "protocolVersion": "2025-11-25", "capabilities": [:], "serverInfo": ["name": "x"],
    ])

    private static func refusal(_ code: Int64, _ supported: [JSONValue]? = nil) -> JSONRPCError {
        JSONRPCError(
            code: code, message: "no", data: supported.map { ["supported": .array($0)] })
    }

    /// Gives each response in turn and compares the steps, including the last one, as words.
    private func check(
        guess: ProtocolVersion? = nil, _ answers: [EraNegotiation.Answer], _ steps: [String],
        at place: SourceLocation = #_sourceLocation
    ) {
        var negotiation = EraNegotiation(guess: guess)
        var step = negotiation.start()
        var seen = [Self.word(step)]
        for answer in answers {
            switch step {
            case .discover: step = negotiation.probed(answer)
            case .initialize, .restart: step = negotiation.greeted(answer)
            case .opened, .failed: Issue.record("it is over", sourceLocation: place)
            }
            seen.append(Self.word(step))
        }
        #expect(seen == steps, sourceLocation: place)
    }

    private static func word(_ step: EraNegotiation.Step) -> String {
        switch step {
        case .discover: "discover"
        case .initialize(let version): "initialize \(version.rawValue)"
        case .restart: "restart"
        case .opened(let handshake): "opened \(handshake.version.rawValue)"
        case .failed: "failed"
        }
    }

    @Test func `a discovered version ends it`() {
        check([Self.modern], ["discover", "opened 2026-07-28"])
        check(guess: .modern, [Self.modern], ["discover", "opened 2026-07-28"])
    }

    @Test func `whatever else is answered to the probe leads to the handshake`() {
        let others: [EraNegotiation.Answer] = [
            .error(Self.refusal(-32601)), .error(Self.refusal(-32602)),
            .error(Self.refusal(-32021)),
            .error(Self.refusal(-32022)), .error(Self.refusal(-32022, ["2025-11-25"])),
            .result([:]), .result(["supportedVersions": ["2025-06-18"], "capabilities": [:]]),
            .result(["supportedVersions": ["2026-07-28"]]), .garbage("x"), .silence,
            .refused(status: 400, nil), .refused(status: 405, Self.refusal(-32601)),
        ]
        for answer in others {
            check(
                [answer, Self.greeting],
                ["discover", "initialize 2025-11-25", "opened 2025-11-25"])
        }
    }

    @Test func `a named modern version is probed once more, not for ever`() {
        let named = EraNegotiation.Answer.error(Self.refusal(-32022, ["2099-01-01", "2026-07-28"]))
        check([named, Self.modern], ["discover", "discover", "opened 2026-07-28"])
        check([named, named], ["discover", "discover", "failed"])
        check([.error(Self.refusal(-32022, ["2099-01-01"]))], ["discover", "failed"])
    }

    @Test func `a server that was only slow is modern`() {
        check(
            [.silence, .error(Self.refusal(-32022, ["2026-07-28"])), Self.modern],
            ["discover", "initialize 2025-11-25", "discover", "opened 2026-07-28"])
    }

    @Test func `a process that ends at the probe is started once more`() {
        check([.ended("x"), Self.greeting], ["discover", "restart", "opened 2025-11-25"])
        check([.ended("x"), .ended("x")], ["discover", "restart", "failed"])
    }

    @Test func `an outage is no verdict`() {
        for answer: EraNegotiation.Answer in [
            .unreachable("x"), .refused(status: 401, nil), .refused(status: 503, nil),
            .refused(status: 403, Self.refusal(-32020)),
        ] {
            check([answer], ["discover", "failed"])
            check(guess: .v2025_06_18, [answer], ["initialize 2025-06-18", "failed"])
        }
    }

    @Test func `a guess is tried first and may be wrong`() {
        check(
            guess: .v2025_06_18, [Self.greeting], ["initialize 2025-06-18", "opened 2025-11-25"])
        check(
            guess: .v2025_06_18, [.refused(status: 400, Self.refusal(-32602)), Self.modern],
            ["initialize 2025-06-18", "discover", "opened 2026-07-28"])
        check(
            guess: .v2025_06_18, [.error(Self.refusal(-32603)), .error(Self.refusal(-32601))],
            ["initialize 2025-06-18", "discover", "failed"])
    }
}
