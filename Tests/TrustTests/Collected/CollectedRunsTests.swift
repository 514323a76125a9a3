import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockTrust

/// The cache of the runs that trust counts (docs/decisions/0195). What is wrong with it is noticed, and the whole log is
/// read.
@Suite struct CollectedRunsTests {
    private static let basis = TrustFixture.digest(77)
    private static let tree = TreeHash(OpenSSLHashing())
    private static let records = 400

    /// A part of a log, and what has to be read of it.
    private struct Prefix {
        var runs: RunCollector
        var range = CompactRange()

        init(of agents: [AgentName: Set<ServerName>] = RandomTrustLog.agents, first: UInt64 = 0) {
            runs = RunCollector(agents, first: first)
        }

        mutating func read(_ log: TrustFixture.Log, _ places: Range<Int>) {
            var source = RandomTrustLog.Source()
            for place in places {
                runs.add(log.records[place], hash: log.hashes[place], from: &source)
                range.append(log.hashes[place], CollectedRunsTests.tree)
            }
        }

        /// Everything that a collector knows.
        var state: [UInt8] {
            var state = StateWriter()
            runs.append(to: &state)
            return state.bytes
        }
    }

    private static func code(_ secret: UInt8) -> CollectedRuns.Code {
        { bytes in Digest(bytes: hmacSHA256(key: [secret], bytes)).unwrapped }
    }

    private static func log() throws -> TrustFixture.Log {
        try RandomTrustLog(.announced(), records: records).log
    }

    private static func kept(_ prefix: Prefix, policies: [StoredRecord] = []) -> CollectedRuns {
        CollectedRuns(
            prefix.runs, upTo: prefix.range, counted: TrustFixture.now, policies: policies)
    }

    private static func bytes(_ prefix: Prefix, policies: [StoredRecord] = []) -> [UInt8] {
        kept(prefix, policies: policies).encoded(basis: basis, code: code(1))
    }

    private static func parsed(
        _ bytes: [UInt8], basis: Digest = basis, secret: UInt8 = 1,
        of agents: [AgentName: Set<ServerName>] = RandomTrustLog.agents
    ) throws(CollectedRunsFault) -> CollectedRuns {
        try CollectedRuns(
            parsing: bytes, basis: basis, of: agents, under: .standard, code: code(secret))
    }

    private static func fault(_ body: () throws -> Void) -> CollectedRunsFault? {
        do { try body() } catch { return error as? CollectedRunsFault }
        return nil
    }

    @Test func `runs that continue a cache are those of the whole log`() throws {
        let log = try Self.log()
        var whole = Prefix()
        whole.read(log, 0..<log.records.count)
        let expected = whole.state
        #expect(!whole.runs.alarms.isEmpty && !whole.runs.drills.isEmpty)
        var part = Prefix()
        var mostRuns = 0
        for place in log.records.indices {
            part.read(log, place..<place + 1)
            let found = try Self.parsed(Self.bytes(part))
            part.runs = found.runs
            #expect(found.range == part.range && found.counted == TrustFixture.now)
            mostRuns = max(mostRuns, found.runs.agents.values.map(\.runs.count).max() ?? 0)
        }
        #expect(mostRuns > 3)
        // Restored after each record.
        #expect(part.state == expected)
        for place in stride(from: 0, to: log.records.count, by: 7) {
            var part = Prefix()
            part.read(log, 0..<place)
            part.runs = try Self.parsed(Self.bytes(part)).runs
            part.read(log, place..<log.records.count)
            #expect(part.state == expected, "restored once, after \(place) records")
        }
    }

    @Test func `one agent of a cache has the runs of a reading for it alone`() throws {
        let log = try Self.log()
        for (agent, servers) in RandomTrustLog.agents {
            var alone = Prefix(of: [agent: servers])
            alone.read(log, 0..<log.records.count)
            var part = Prefix()
            part.read(log, 0..<250)
            part.runs = try Self.parsed(Self.bytes(part), of: [agent: servers]).runs
            part.read(log, 250..<log.records.count)
            var (found, expected) = (StateWriter(), StateWriter())
            part.runs.agents[agent].unwrapped.append(to: &found)
            alone.runs.agents[agent].unwrapped.append(to: &expected)
            #expect(found.bytes == expected.bytes && part.runs.agents.count == 1)
            #expect(part.runs.lastDrill == alone.runs.lastDrill)
            #expect(part.runs.isWhole && part.runs.begin == alone.runs.begin)
        }
    }

    @Test func `the records of policies are kept in their order`() throws {
        var log = try TrustFixture.Log()
        for number in 1...3 {
            let policy = TrustFixture.digest(UInt64(number)).base64
            try log.add("policy.loaded", ["pol": .string(policy), "why": "folder"])
        }
        let policies = Array(log.records.dropFirst())
        let found = try Self.parsed(Self.bytes(Prefix(), policies: policies)).policies
        #expect(found.map { $0.digest("pol") } == (1...3).map { TrustFixture.digest($0) })
    }

    @Test func `an edited byte is noticed, wherever it is`() throws {
        var prefix = Prefix()
        prefix.read(try Self.log(), 0..<60)
        let whole = Self.bytes(prefix)
        for place in whole.indices {
            var edited = whole
            edited[place] ^= 1
            let found = Self.fault { _ = try Self.parsed(edited) }
            #expect(found == .unauthentic || found == .malformed, "byte \(place)")
        }
    }

    @Test func `a file that is cut off, or has more behind it, is noticed`() throws {
        var prefix = Prefix()
        prefix.read(try Self.log(), 0..<60)
        let whole = Self.bytes(prefix)
        for count in whole.indices {
            #expect(Self.fault { _ = try Self.parsed(Array(whole[..<count])) } != nil, "\(count)")
        }
        #expect(Self.fault { _ = try Self.parsed(whole + [0]) } == .unauthentic)
        #expect(Self.fault { _ = try Self.parsed(whole + whole) } == .unauthentic)
    }

    /// A deployment with another key, another program or policy, and agents that the cache does not have.
    @Test func `a foreign file is noticed`() throws {
        var prefix = Prefix()
        prefix.read(try Self.log(), 0..<60)
        let whole = Self.bytes(prefix)
        #expect(Self.fault { _ = try Self.parsed(whole, secret: 2) } == .unauthentic)
        let other = TrustFixture.digest(78)
        #expect(Self.fault { _ = try Self.parsed(whole, basis: other) } == .otherBasis)
        let third = AgentName("third").unwrapped
        #expect(Self.fault { _ = try Self.parsed(whole, of: [third: []]) } == .missingAgent)
    }

    @Test func `a cache of another log, of a longer one and of one that was not pruned is noticed`()
        throws
    {
        let log = try Self.log()
        var prefix = Prefix()
        prefix.read(log, 0..<60)
        let kept = Self.kept(prefix)
        let root = prefix.range.root(Self.tree)
        func fault(first: UInt64 = 0, size: UInt64 = 61, root: Digest?) -> CollectedRunsFault? {
            Self.fault {
                try kept.check(first: first, size: size, Self.tree) { $0 == 60 ? root : nil }
            }
        }
        #expect(fault(root: root) == nil && fault(size: 60, root: root) == nil)
        #expect(fault(root: TrustFixture.digest(3)) == .otherLog)
        #expect(fault(root: nil) == .otherLog)
        #expect(fault(size: 59, root: root) == .otherLog)
        #expect(fault(first: 10, root: root) == .otherLog)
        // Runs of fewer records than the range has.
        let short = CollectedRuns(
            Prefix().runs, upTo: prefix.range, counted: TrustFixture.now, policies: [])
        #expect(
            Self.fault {
                try short.check(first: 0, size: 60, Self.tree) { _ in root }
            } == .otherLog)
    }

    @Test func `a cache is used for two days after the whole log was read, and not before it`() {
        let kept = Self.kept(Prefix())
        func fault(at now: Timestamp) -> CollectedRunsFault? {
            Self.fault { try kept.check(at: now) }
        }
        let read = TrustFixture.now
        let oldest = CollectedRunsUpkeep.oldest
        #expect(fault(at: read) == nil && fault(at: read + oldest - .seconds(1)) == nil)
        #expect(fault(at: read + oldest) == .outdated)
        #expect(fault(at: read - .seconds(1)) == .outdated)
        #expect(oldest > CollectedRunsUpkeep.longest)
        // A time at which no gateway can have read it.
        for time in [Int64.min, .max] {
            let odd = CollectedRuns(
                Prefix().runs, upTo: CompactRange(), counted: Timestamp(microseconds: time),
                policies: [])
            #expect(Self.fault { try odd.check(at: read) } == .outdated)
        }
    }

    @Test func `an erasure behind a cache makes it useless, other records do not`() throws {
        var log = try TrustFixture.Log()
        try log.add("payload.erased", ["bucket": "2026-11-20"])
        try log.add("export.made")
        #expect(Self.fault { try CollectedRuns.check(later: log.records[1]) } == .erasedSince)
        #expect(Self.fault { try CollectedRuns.check(later: log.records[2]) } == nil)
    }

    /// The key does not help to bring the reader down either.
    @Test func `bytes that the deployment would not write are refused or read, and end nothing`()
        throws
    {
        var prefix = Prefix()
        prefix.read(try Self.log(), 0..<120)
        let whole = Self.bytes(prefix)
        var random = SeededGenerator.announced()
        var refused = 0
        for _ in 0..<2_000 {
            var content = Array(whole.dropLast(32))
            let place = Int.random(in: 27..<content.count, using: &random)
            content[place] = UInt8.random(in: 0...255, using: &random)
            let edited = content + Self.code(1)(content).bytes
            if Self.fault({ _ = try Self.parsed(edited) }) != nil { refused += 1 }
        }
        #expect(refused > 0)
    }
}
