import InterlockApprovals
import InterlockCluster
import InterlockModel
import InterlockTesting
import Testing

/// The ends of quarantines and pauses: one person with the role, by a fresh order, once.
@Suite struct EndEntryTests {
    private static let server = ServerName("crm").unwrapped
    private static let run = RunID(milliseconds: 7, random: [UInt8](repeating: 1, count: 10))

    /// The kinds differ in the order and in the role that its signer needs.
    enum Kind: CaseIterable {
        case quarantine, pause

        var role: Role { self == .quarantine ? .security : .resume }
        var kind: WideningKind { self == .quarantine ? .quarantineEnd : .pauseEnd }
        var type: PayloadType { self == .quarantine ? .server : .run }
        var subject: String {
            self == .quarantine ? EndEntryTests.server.text : EndEntryTests.run.text
        }
        var restriction: NarrowingChange {
            self == .quarantine ? .quarantine(EndEntryTests.server) : .pause(EndEntryTests.run)
        }
        var stale: StatementRefusal {
            .unauthorized(
                self == .quarantine ? "\(ServerRefusal.staleOrder)" : "\(RunRefusal.staleOrder)")
        }

        /// - Parameter isEnd: if false, an order to quarantine or to pause.
        func payload(
            by author: Signer, at time: Timestamp, org: String, isEnd: Bool
        ) throws -> [UInt8] {
            switch self {
            case .quarantine:
                let content = ServerContent(
                    isEnd ? .release : .quarantine, of: EndEntryTests.server)
                return try ServerOrder(
                    id: OrderedChain.id(1), org: org, content: content, reason: "a test of ends",
                    author: author.pseudonym, at: time
                ).canonical()
            case .pause:
                let content = RunContent(
                    run: EndEntryTests.run, action: isEnd ? .unpause : .pause)
                return try RunOrder(
                    id: OrderedChain.id(1), org: org, content: content, reason: "a test of ends",
                    author: author.pseudonym, at: time
                ).canonical()
            }
        }

        func end(
            by author: Signer, _ means: [Means]? = nil, at time: Timestamp, org: String = "acme",
            isEnd: Bool = true, as type: PayloadType? = nil
        ) throws -> OrderedChain.Statements {
            let payload = try payload(by: author, at: time, org: org, isEnd: isEnd)
            return OrderedChain.Statements(
                kind,
                [try .signed(type ?? self.type, payload, by: means ?? [.key(author)])],
                subject: subject)
        }
    }

    private func chain(_ kind: Kind) throws -> OrderedChain {
        var chain = try OrderedChain()
        try chain.restrict(kind.restriction)
        return chain
    }

    @Test(arguments: Kind.allCases)
    func `one person with the role ends it by key or by passkey`(_ kind: Kind) throws {
        for means in [Means.key(.li), .passkey(.li)] {
            var chain = try chain(kind)
            let effect = try chain.order(try kind.end(by: .li, [means], at: chain.now))
            #expect(effect == .changed)
            #expect(chain.ordered.quarantines.isEmpty && chain.ordered.pauses.isEmpty)
        }
    }

    @Test(arguments: Kind.allCases)
    func `an order counts once, and ends only what came before it was signed`(
        _ kind: Kind
    ) throws {
        var chain = try chain(kind)
        let end = try kind.end(by: .li, at: chain.now)
        #expect(try chain.order(end) == .changed)
        try chain.restrict(kind.restriction)
        let before = chain.ordered
        #expect(try chain.order(end) == .unchanged)
        let early = try kind.end(by: .sam, at: OrderedChain.start)
        #expect(try chain.order(early) == .void(.superseded))
        #expect(chain.ordered == before)
    }

    @Test(arguments: Kind.allCases)
    func `an order by the wrong person or number of people ends nothing`(_ kind: Kind) throws {
        let chain = try chain(kind)
        let now = chain.now
        for (other, means, refusal) in Signer.refused(needing: kind.role) {
            try chain.expect(refusal, try kind.end(by: other, [means], at: now), "\(refusal)")
        }
        try chain.expect(.notAuthor, try kind.end(by: .li, [.key(.sam)], at: now))
        for means in [[Means.key(.li), .key(.sam)], [.key(.li), .passkey(.li)]] {
            try chain.expect(.badSignature, try kind.end(by: .li, means, at: now))
        }
    }

    @Test(arguments: Kind.allCases)
    func `an order of another organisation, kind, time or byte ends nothing`(
        _ kind: Kind
    ) throws {
        var chain = try chain(kind)
        let now = chain.now
        try chain.expect(
            .otherOrganisation("other"), try kind.end(by: .li, at: now, org: "other"))
        try chain.expect(.otherKind, try kind.end(by: .li, at: now, as: .people))
        try chain.expect(
            .invalid("another kind of statement"), try kind.end(by: .li, at: now, isEnd: false))
        for means in [Means.key(.li), .passkey(.li)] {
            var changed = try kind.end(by: .li, [means], at: now)
            changed.envelopes = changed.envelopes.map(\.changed)
            let isKey = if case .key = means { true } else { false }
            try chain.expect(isKey ? .badSignature : .badAssertion(.wrongChallenge), changed)
        }
        try chain.expect(
            .badAssertion(.wrongOrigin), try kind.end(by: .li, [.elsewhere(.li)], at: now))
        var twice = try kind.end(by: .li, at: now)
        twice.envelopes += try kind.end(by: .sam, at: now).envelopes
        try chain.expect(.invalid("more than one statement"), twice)
        let end = try kind.end(by: .li, at: now)
        chain.pass(OrderLimits.leeway + .seconds(1))
        try chain.expect(kind.stale, end)
        let ahead = try kind.end(by: .li, at: chain.now + OrderLimits.leeway + .seconds(1))
        try chain.expect(kind.stale, ahead)
    }

    @Test func `a node without the settings of passkeys does not pass an entry with one`() throws {
        var chain = try OrderedChain(isWithoutPasskeys: true)
        try chain.restrict(.quarantine(Self.server))
        let now = chain.now
        try chain.expect(
            .notJudged, try Kind.quarantine.end(by: .li, [.passkey(.li)], at: now))
        #expect(try chain.order(try Kind.quarantine.end(by: .li, at: now)) == .changed)
    }
}
