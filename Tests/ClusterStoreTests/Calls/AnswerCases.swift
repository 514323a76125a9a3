import InterlockCluster
import InterlockJSON
import InterlockModel

@testable import InterlockClusterStore

extension AnswerCase {
    private static let numbers = StoreLimits.numbers
    private static let digest = StoreColumn.bytes(CallCase.digest.bytes)

    /// Every function whose result is read, with an answer that is as the store gives it.
    static let all: [AnswerCase] =
        chain + members + requests + units + runs + [heartbeat]

    private static let entry = [
        Column("n", .text("5"), .integer(numbers)), Column("prev", digest, .bytes(32...32)),
        Column("digest", digest, .bytes(32...32)), Column("kind", .text("end"), .text(1...64)),
        Column("subject", .text("a subject"), .text(1...192)),
        Column("body", .bytes([1]), .bytes(1...(1 << 20)), mayBeNull: true),
        Column("node", .text("gw1"), .text(1...63)),
        Column("at", .text("1795219200000000"), .integer(StoreLimits.times)),
    ]

    private static let chain = [
        AnswerCase("entries", of: "entries", entry) {
            (store) async throws(ClusterCallFailure) in _ = try await store.entries(after: 4)
        },
        AnswerCase(.record, .text("5"), .integer(numbers)) {
            (store) async throws(ClusterCallFailure) in
            _ = try await store.append(
                CallCase.draft(.runEnd(CallCase.run)), in: .first)
        },
        AnswerCase(.repair, .text("t"), .flag) {
            (store) async throws(ClusterCallFailure) in
            let entry = StoredEntry(
                number: 1, previous: CallCase.digest, digest: CallCase.digest, kind: "end",
                subject: "a", body: [1], node: "gw1")
            _ = try await store.repair(entry, in: .first)
        },
    ]

    private static let members = [
        AnswerCase(.start, .text("3"), .integer(3...numbers.upperBound)) {
            (store) async throws(ClusterCallFailure) in
            _ = try await store.start(process: "p", beat: 0, least: Incarnation(3) ?? .first)
        },
        AnswerCase(.expel, .text("f"), .flag) {
            (store) async throws(ClusterCallFailure) in
            let change = NarrowingChange.expelled(CallCase.other, Incarnation(3) ?? .first)
            _ = try await store.expel(
                CallCase.expelled, term: 2, CallCase.draft(change), in: .first)
        },
        AnswerCase(.takeTask, .text("3"), .integer(3...3), mayBeNull: true) {
            (store) async throws(ClusterCallFailure) in
            let row = TaskRow(task: .watch, node: CallCase.other, term: 2, beat: 7)
            _ = try await store.take(.watch, after: row, beat: 0, in: .first)
        },
        AnswerCase(.keepTask, .text("t"), .flag) {
            (store) async throws(ClusterCallFailure) in
            _ = try await store.keep(.watch, term: 2, beat: 8, in: .first)
        },
        AnswerCase(.openGeneration, .text("t"), .flag) {
            (store) async throws(ClusterCallFailure) in
            _ = try await store.openGeneration(in: .first)
        },
        AnswerCase(.closeGeneration, .text(""), .text(0...0)) {
            (store) async throws(ClusterCallFailure) in
            try await store.closeGeneration(in: .first)
        },
    ]

    private static func grant(units: Int) -> StoreColumn {
        .text(
            """
            [{"key": "60/refunds/calls", "free": 6, "want": 4, "units": \(units), "asking": 1, \
            "number": 1}]
            """)
    }

    private static let requests = [
        AnswerCase(.ask, grant(units: 4), .array) {
            (store) async throws(ClusterCallFailure) in
            _ = try await store.ask(CallCase.ask, in: .first)
        },
        AnswerCase(.revise, .text("5"), .integer(5...5)) {
            (store) async throws(ClusterCallFailure) in
            _ = try await store.revise(
                CallCase.version, isAnew: true, ends: CallCase.now, body: [1], in: .first)
        },
        AnswerCase(.vote, .text("5"), .integer(5...5)) {
            (store) async throws(ClusterCallFailure) in
            _ = try await store.vote(CallCase.vote, in: .first)
        },
        AnswerCase(.finish, .text("9"), .integer(numbers)) {
            (store) async throws(ClusterCallFailure) in
            _ = try await store.finish(
                CallCase.version, .denied, CallCase.draft(.end(CallCase.request)), in: .first)
        },
        AnswerCase("use", of: .use, entry) {
            (store) async throws(ClusterCallFailure) in
            _ = try await store.use(
                CallCase.version, CallCase.use, CallCase.draft(.use(CallCase.use)),
                nonce: CallCase.nonce, known: 4, in: .first)
        },
    ]

    private static let units = [
        AnswerCase(.take, grant(units: 2), .array) {
            (store) async throws(ClusterCallFailure) in
            _ = try await store.take([CallCase.take()])
        },
        AnswerCase(.report, .text("t"), .flag) {
            (store) async throws(ClusterCallFailure) in
            _ = try await store.report(CallCase.report)
        },
        AnswerCase(.putBack, .text(""), .text(0...0)) {
            (store) async throws(ClusterCallFailure) in
            let lease = UnitPutBack(
                key: CallCase.key, granted: 4, since: CallCase.now,
                until: CallCase.now + .seconds(30), report: CallCase.report)
            try await store.putBack(lease, most: 10)
        },
        AnswerCase(.restored, .text(""), .text(0...0)) {
            (store) async throws(ClusterCallFailure) in
            try await store.finishRestoring(in: .first)
        },
        AnswerCase(.settle, .text(""), .text(0...0)) {
            (store) async throws(ClusterCallFailure) in
            let settlement = UnitSettlement(
                node: CallCase.other, incarnation: .first, used: [CallCase.key: 3],
                now: CallCase.now)
            try await store.settle(settlement, in: .first)
        },
    ]

    private static func claimed(
        _ name: String, _ origin: String, before: Column
    ) -> AnswerCase {
        AnswerCase(
            "claim: \(name)", of: .claim,
            [
                Column("state", .text("assigned"), .word), Column("node", .text("gw1"), .word),
                Column("term", .text("2"), .integer(1...Int64.max)),
                Column("home", .text("gw3"), .word), Column("origin", .text(origin), .word),
                before, Column("level", .text("1"), .integer(0...2)),
                Column("made", .text("64"), .integer(0...Int64.max)),
                Column("calls", .text("128"), .integer(64...Int64.max)),
            ]
        ) { (store) async throws(ClusterCallFailure) in
            _ = try await store.claim(CallCase.claim)
        }
    }

    private static func unclaimed(_ state: String, node: String) -> AnswerCase {
        AnswerCase(
            "claim: \(state)", of: .claim,
            [Column("state", .text(state), .word), Column("node", .text(node), .word)]
                + ["term", "home", "origin", "before", "level", "made", "calls"].map {
                    Column($0, .null, .null)
                }
        ) { (store) async throws(ClusterCallFailure) in
            _ = try await store.claim(CallCase.claim)
        }
    }

    private static let runs = [
        claimed("new", "new", before: Column("before", .null, .null)),
        claimed("again", "again", before: Column("before", .null, .null)),
        claimed("freed", "freed", before: Column("before", .text("gw2"), .word)),
        claimed("lost", "lost", before: Column("before", .text("gw1"), .word)),
        unclaimed("serves", node: "gw2"),
        unclaimed("ended", node: "gw1"),
        AnswerCase(.changeRun, .text(""), .text(0...0)) {
            (store) async throws(ClusterCallFailure) in
            try await store.change(CallCase.change(.free(calls: 3)))
        },
        AnswerCase(.putBackRun, .text(""), .text(0...0)) {
            (store) async throws(ClusterCallFailure) in
            let run = RunPutBack(
                agent: CallCase.agent, home: CallCase.other, level: .untrusted, calls: 70, claim: 3,
                isFree: false)
            try await store.change(CallCase.change(.putBack(run)))
        },
        AnswerCase(.endRun, .text(""), .text(0...0)) {
            (store) async throws(ClusterCallFailure) in
            try await store.endRun(CallCase.run, in: .first)
        },
    ]

    private static let heartbeat = AnswerCase(
        "heartbeat", of: .heartbeat,
        [
            Column("n", .text("4"), .integer(numbers)), Column("digest", digest, .bytes(32...32)),
            Column("generation", .text("00000001/1796057274933156"), .text(1...64)),
            Column("open", .text("t"), .flag),
            Column("at", .text("1795219200000000"), .integer(StoreLimits.times)),
            Column("low", .text("729"), .word), Column("standby", .text("none"), .word),
            Column("restored", .text("f"), .flag),
            Column("nodes", .text("[]"), .array, mayBeNull: true),
            Column("tasks", .text("[]"), .array), Column("changes", .text("[]"), .array),
            Column("starved", .text("[\"60/refunds/calls\"]"), .array),
        ]
    ) { (store) async throws(ClusterCallFailure) in
        _ = try await store.heartbeat(CallCase.heartbeat)
    }
}
