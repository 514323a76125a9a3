import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel

@testable import InterlockEvidencePack

/// A log in memory, and what a pack says of it.
struct EvidenceFixture {
    static let from = Timestamp(microseconds: 1_000_000_000)
    static let to = Timestamp(microseconds: 2_000_000_000)
    static let built = Timestamp(microseconds: 3_000_000_000)
    static let inside: Int64 = 1_500_000_000
    static let build = OpenSSLHashing().sha256([1])

    private(set) var records: [(record: StoredRecord, leaf: Digest)] = []

    @discardableResult
    mutating func add(
        _ type: String, at time: Int64 = EvidenceFixture.inside, _ fields: JSONObject = [:]
    ) throws -> Digest {
        var object = fields
        object["v"] = 1
        object["t"] = .string(type)
        object["ts"] = .integer(time)
        object["node"] = "gw1"
        // Two records of the same content have different leaves.
        object["mono"] = .integer(Int64(records.count))
        let bytes = try object.canonical()
        let leaf = Leaf(stored: bytes, hashing: OpenSSLHashing())
        records.append((try StoredRecord(parsing: bytes), leaf.hash))
        return leaf.hash
    }

    func counter(
        start: UInt64 = 0, agents: [String] = [], samples: Int = 5, seed: [UInt8] = [7]
    ) -> EvidenceCounter {
        let population = population(start: start, agents: agents)
        var counter = EvidenceCounter(population, samples: samples) { leaf in
            Digest(bytes: hmacSHA256(key: seed, leaf.bytes)) ?? leaf
        }
        for (index, one) in records.enumerated() {
            counter.add(one.record, one.leaf, at: UInt64(index))
        }
        return counter
    }

    func population(start: UInt64 = 0, agents: [String] = []) -> EvidencePopulation {
        EvidencePopulation(
            from: Self.from, to: Self.to, start: start, end: UInt64(records.count),
            agents: Set(texts: agents))
    }

    /// Results in which all tests of all controls passed, but for those that are named.
    static func facts(
        without missing: [String] = [], failed: [String] = [],
        at: Timestamp = EvidenceFixture.built - .seconds(3600), guidance: Set<ControlID> = []
    ) -> ControlFacts {
        func results(_ ids: [String]) -> TestResults {
            TestResults(
                Set(texts: ids).texts.filter { !missing.contains($0) }.sorted().map {
                    TestResults.Result(id: $0, passed: !failed.contains($0))
                })
        }
        return ControlFacts(
            release: .success(
                ReleaseResults(
                    build: build, tests: results(EvidenceControl.all.flatMap(\.releaseTests)))),
            deployment: .success(
                DeploymentResults(
                    at: at, index: 3, leaf: build,
                    tests: results(EvidenceControl.all.flatMap(\.selfTests)))),
            built: built, guidance: guidance)
    }

    static func control(_ id: ControlID, _ facts: ControlFacts, _ counter: EvidenceCounter)
        -> ControlFile?
    {
        EvidenceControl.of(id).map {
            ControlFile(
                $0, facts, counter, policies: [build], reviewer: nil,
                frameworks: FrameworkMap.all)
        }
    }
}
