import InterlockCredentials
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockProvenance
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockChangeReview
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The changes that merge checks stated, read from the log: what waits, who is capped, and the report of reviewers.
@Suite(.requirement("R146")) struct `Changes of merge checks` {
    private static let hashing = OpenSSLHashing()
    private static let pseudonyms = PlainPseudonyms()
    private static let sam = Person("sam@acme.example").unwrapped
    private static let ines = People.all["ines"].person

    /// Checks, each with the change that it states.
    private let log = PayloadLog()
    private let bench: Bench
    private let service: MergeCheckService

    init() throws {
        bench = try Bench()
        service = Self.service(bench, log, payloadDays: 180)
    }

    private static func service(
        _ bench: Bench, _ log: PayloadLog, payloadDays: Int
    ) -> MergeCheckService {
        MergeCheckService(
            gateway: bench.gateway, people: bench.people,
            contents: AgentContents(
                log: log, store: MemoryChangeReviews(base: Digest(words: (5, 6, 7, 8))),
                hashing: hashing),
            history: MergeHistory(log: log, payloadDays: payloadDays), pseudonyms: pseudonyms)
    }

    /// A service that keeps payloads for some days.
    private func keeping(payloadDays: Int) -> MergeCheckService {
        Self.service(bench, log, payloadDays: payloadDays)
    }

    private var now: Timestamp { bench.clock.now.wall }

    /// A check of an open change of agents, `ago` before now.
    private func add(
        _ number: Int, ago: Duration = .seconds(3600), isErased: Bool = false,
        reviews: [CheckedChange<Pseudonym>.Review] = [], merger: Person? = nil
    ) {
        let at = Timestamp(microseconds: (now - ago).milliseconds * 1000)
        let change = CheckedChange<Pseudonym>(
            id: ChangeID(repository: "acme/shop", number: "\(number)").unwrapped, state: .open,
            opened: at, ended: nil, isAssisted: true, lines: 10, words: 600,
            merger: Self.pseudonyms.pseudonym(of: merger ?? Self.sam), reviews: reviews,
            commits: [], reverted: [])
        addCheck(at, change.json { $0.text }, isErased: isErased)
    }

    /// A check that states this value as its change; it states none if that is nil.
    private func addCheck(_ at: Timestamp, _ change: JSONValue?, isErased: Bool = false) {
        var leaf: JSONObject = ["t": "merge.checked"]
        leaf["change"] = change.map { _ in "sealed" }
        let answer: PayloadResponse =
            isErased ? .erased : .opened((change ?? .null).serialized())
        log.add(leaf, at: at, payload: DisplayedPayload(field: "change", answer: answer))
    }

    private func facts(
        _ number: Int, people: [Person] = [], by other: MergeCheckService? = nil
    ) async throws -> JSONValue {
        let change: JSONValue = [
            "repository": "acme/shop", "number": .string("\(number)"),
            "opened": .string(now.rfc3339(fractionDigits: 3)),
            "merger": .string(Self.sam.address),
        ]
        let request = try MergeFactsRequest([
            "people": .array(people.map { .string($0.address) }), "change": change,
        ])
        return try #require(try await (other ?? service).facts(of: request)["counted"])
    }

    @Test func `changes that were opened earlier wait for the same person`() async throws {
        add(1)
        add(2, merger: Self.ines)
        add(3)
        let found = try await facts(9)
        #expect(found["changes"] == 2 && found["lines"] == 20 && found["unread"] == 0)
        #expect(try await facts(3)["changes"] == 1)
        // The log is read on from where it was read.
        add(4)
        #expect(try await facts(9)["changes"] == 3)
        #expect(log.opened.withLock { $0 } == [0, 1, 2, 3])
    }

    @Test func `a check that cannot be read is counted as such`() async throws {
        add(1)
        add(2, isErased: true)
        let at = now - Duration.seconds(1)
        addCheck(at, ["repository": "x"])
        addCheck(at, nil)
        #expect(try await facts(9)["unread"] == 2)
        let report = try await service.capacity(days: 30, for: nil)
        #expect(report.unread == 2 && report.unnamed == 1)
    }

    @Test func `a search that is not complete finds nothing out`() async throws {
        add(1)
        log.fault.withLock { $0 = "the index is damaged" }
        await #expect(throws: MergeCheckRefusal.notRead("the index is damaged")) {
            _ = try await facts(9)
        }
    }

    @Test func `a change without a check for 100 days is left out`() async throws {
        add(1, ago: MergeHistory.kept + .seconds(1))
        add(2, ago: MergeHistory.kept - .seconds(1))
        #expect(try await facts(9)["changes"] == 1)
        bench.clock.advance(.seconds(2))
        #expect(try await facts(9)["changes"] == 0)
    }

    @Test func `a check whose payload is past its retention is left out, and no unread one`()
        async throws
    {
        add(1, ago: .seconds(95 * 86_400), isErased: true)
        add(2, ago: .seconds(80 * 86_400))
        let kept = keeping(payloadDays: 90)
        let found = try await facts(9, by: kept)
        #expect(found["unread"] == 0 && found["changes"] == 1)
        #expect(try await facts(9)["unread"] == 1)
        // One whose payload was erased earlier may be of an open change.
        add(3, ago: .seconds(10 * 86_400), isErased: true)
        #expect(try await facts(9, by: kept)["unread"] == 1)
        #expect(try await facts(9, by: keeping(payloadDays: 30))["changes"] == 0)
    }

    @Test func `a capped person's approvals are named with the time from which none counts`()
        async throws
    {
        let ines = Self.pseudonyms.pseudonym(of: Self.ines)
        // 6 approvals in a row yesterday, and 11 today before now.
        for (number, ago) in (1...6).map({ ($0, 90_000 - $0) }) + (7...17).map({ ($0, 60 - $0) }) {
            let at = Timestamp(microseconds: (now - Duration.seconds(ago)).milliseconds * 1000)
            add(
                number, ago: .seconds(80 * 86_400),
                reviews: [
                    .init(by: ines, verdict: .approved, at: at, began: nil, comments: 0)
                ])
        }
        let found = try await facts(99, people: [Self.ines, Self.sam])
        let row = try #require(found["capped"]?.array?.first)
        #expect(found["capped"]?.array?.count == 1)
        #expect(row["person"]?.string == Self.ines.address && row["now"] == true)
        // The tenth of today is change 16.
        let from = Timestamp(microseconds: (now - Duration.seconds(44)).milliseconds * 1000)
        #expect(
            row["windows"]?.array?.first?["from"]?.string == from.rfc3339(fractionDigits: 3))
        // Change 16 itself counts.
        #expect(try await facts(16, people: [Self.ines])["capped"]?.array?.isEmpty == true)
    }

    @Test func `a reviewer sees the own figures alone`() async throws {
        add(1)
        add(2, merger: Self.ines)
        let all = try await service.capacity(days: 30, for: nil)
        #expect(all.rows.count == 2 && !all.isLimitStated)
        // Only people whom the deployment knows have a name.
        #expect(all.rows.compactMap(\.person) == [Self.ines])
        let own = try await service.capacity(days: 30, for: Self.ines)
        #expect(own.rows.map(\.person) == [Self.ines])
        #expect(own.rows.first?.row.open == ChangeAmount(changes: 1, lines: 10))
        #expect(try await service.capacity(days: 30, for: Person("eve@x.example")).rows.count == 0)
    }

    @Test func `the change is on record under seal, and no address is in the leaf`() async throws {
        let change = CheckedChange<Person>(
            id: ChangeID(repository: "acme/shop", number: "7").unwrapped, state: .open,
            opened: Timestamp(microseconds: 0), ended: nil, isAssisted: true, lines: 3, words: nil,
            merger: Self.sam, reviews: [], commits: [], reverted: [])
        var stated: JSONObject = [
            "result": "pass", "head": .string(String(repeating: "4", count: 40)),
            "base": .string(String(repeating: "a", count: 40)), "merger": "sam@acme.example",
            "commits": 1, "files": 1, "assisted": 1, "gate": 0, "approvals": 1, "codes": [],
            "findings": [],
        ]
        stated["change"] = change.json { $0.address }
        _ = try await service.record(try MergeCheckedRequest(.object(stated)))
        let draft = try #require(bench.ledger.drafts.last)
        #expect(draft.payloads.map(\.field) == ["findings", "change"])
        #expect(draft.fields["change"] == nil)
        stated["change"] = ["repository": "acme/shop"]
        let short = JSONValue.object(stated)
        #expect(throws: FormError.self) { _ = try MergeCheckedRequest(short) }
    }
}
