import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockLedger

@Suite struct GapFinderTests {
    @Test func `a log of whole calls has no gap`() throws {
        var log = GapLog()
        let intent = log.add("call.intent", in: true, ["call": .string(GapLog.call)])
        log.add("call.outcome", in: true, ["intent": .string(intent.base64)])
        #expect(log.found() == [])
    }

    @Test(.requirement("R101")) func `a record that was left out is a broken chain`() throws {
        var log = GapLog()
        log.add("run.start", in: true)
        log.skip()
        log.add("run.end", in: true)
        #expect(log.found() == [.brokenChain])
    }

    @Test func `a record in another's place is a broken chain`() throws {
        var log = GapLog()
        log.add("run.start", in: true)
        log.add("run.end", in: true, ["prev": .string(GapLog.hashing.sha256([1]).base64)])
        #expect(log.found() == [.brokenChain])
    }

    @Test(.requirement("R101")) func `an intent that nobody closed is open`() throws {
        var log = GapLog()
        log.add("call.intent", in: true, ["call": .string(GapLog.call)])
        #expect(log.found() == [.openIntent])
    }

    @Test func `an intent is closed once`() throws {
        var log = GapLog()
        let intent = log.add("call.intent", in: true)
        log.add("call.denied", in: true, ["intent": .string(intent.base64)])
        log.add("call.outcome", in: true, ["intent": .string(intent.base64)])
        #expect(log.found() == [.badClosing])
    }

    @Test func `a call stays unknown until a late outcome tells`() throws {
        var log = GapLog()
        let intent = log.add("call.intent", in: true)
        log.add("call.unknown", in: true, ["intent": .string(intent.base64), "why": "crash"])
        #expect(log.found() == [.unknown])
        log.add("call.outcome", in: true, ["intent": .string(intent.base64), "late": true])
        #expect(log.found() == [])
    }

    @Test func `silence of a running gateway is a missing tick, a pause before a start is none`()
        throws
    {
        var log = GapLog()
        log.add("log.started")
        log.wait(seconds: 70)
        log.add("log.tick")
        #expect(log.found() == [])
        log.wait(seconds: 3600)
        log.add("log.recovered")
        log.add("log.started")
        #expect(log.found() == [])
        log.wait(seconds: 300)
        log.add("log.tick")
        log.add("log.tick")
        #expect(log.found() == [.missingTick])
    }

    @Test func `a clock that is set is told once, with or without the record of it`() throws {
        var log = GapLog()
        log.add("log.started")
        log.add("log.tick")
        log.wall += 9_000_000
        log.add("log.tick")
        log.add("clock.step", ["step": 9_000_000])
        #expect(log.found() == [.clockStep])
        log.wait(seconds: 20)
        log.add("clock.step", ["step": 600_000])
        #expect(log.found() == [.clockStep, .clockStep])
    }

    @Test func `a quorum that is late is told by its tick`() throws {
        var log = GapLog()
        log.add("log.tick", ["cos": 59])
        log.add("log.tick", ["cos": 61])
        #expect(log.found() == [.lateCosignature])
    }

    @Test func `a record that is none is a gap, and the rest is read`() throws {
        var log = GapLog()
        log.addUnreadable()
        log.add("call.intent", in: true)
        #expect(log.found() == [.unreadable, .openIntent])
    }

    @Test func `what was pruned is no gap`() throws {
        var log = GapLog(isPruned: true)
        log.sequence = 7
        log.previous = GapLog.hashing.sha256([7])
        log.add("call.outcome", in: true, ["intent": .string(GapLog.hashing.sha256([1]).base64)])
        log.add("run.end", in: true)
        #expect(log.found() == [])
    }

    @Test func `numbers at their ends are no trap`() throws {
        var log = GapLog()
        for number in [Int64.max, .min, 0, .max] {
            log.add("log.tick", ["mono": .integer(number), "ts": .integer(.min), "rs": 1])
            log.add(
                "clock.step",
                [
                    "mono": .integer(number), "run": "r", "rs": .integer(.max),
                    "step": .integer(.min),
                ]
            )
        }
        #expect(!log.found().isEmpty)
    }
}

/// Makes consecutive records, a second apart.
private struct GapLog {
    var wall: Int64 = 1_795_169_731_000_000
    var mono: Int64 = 86_413_500_000
    var sequence: Int64 = 0
    var previous: Digest?
    private var finder: GapFinder
    private var index: UInt64 = 0

    static let hashing = OpenSSLHashing()
    static let call = "01kag0qf1a2b3c4d5e6f7g8h9j"
    private static let run = "01kag0q9v4x2m7c8d3e5f6g7h8"

    init(isPruned: Bool = false) { finder = GapFinder(isPruned: isPruned) }

    @discardableResult
    mutating func add(
        _ type: String, in run: Bool = false, _ fields: JSONObject = [:]
    ) -> Digest {
        var object: JSONObject = [
            "v": 1, "t": .string(type), "ts": .integer(wall), "mono": .integer(mono),
            "boot": "9c1f04ab", "node": "gw1",
        ]
        if run {
            object["run"] = .string(Self.run)
            object["rs"] = .integer(sequence)
            object["prev"] = previous.map { .string($0.base64) }
        }
        for (key, value) in fields.members { object[key] = value }
        let bytes = (try? JSONValue.object(object).canonical()) ?? []
        let hash = TreeHash(Self.hashing).leaf(bytes)
        finder.add(try? StoredRecord(parsing: bytes), index: index, hash: hash)
        index += 1
        if run { (sequence, previous) = (sequence + 1, hash) }
        wait(seconds: 1)
        return hash
    }

    mutating func addUnreadable() {
        finder.add(nil, index: index, hash: Self.hashing.sha256([0]))
        index += 1
    }

    mutating func skip() { sequence += 1 }

    mutating func wait(seconds: Int64) {
        wall += seconds * 1_000_000
        mono += seconds * 1_000_000
    }

    func found() -> [LogGap.Kind] {
        var finder = finder
        finder.finish()
        return finder.gaps.map(\.kind)
    }
}
