import InterlockCredentials
import InterlockModel
import InterlockTesting
import InterlockTrust
import Testing

@testable import InterlockReview

/// Selection, replacement and bounds (docs/specs/trust-and-review.md, section 8).
@Suite(.requirement("R129")) struct SampleSelectionTests {
    private typealias Fixture = ReviewFixture
    private let hashing = OpenSSLHashing()

    private func seed(_ byte: UInt8) throws -> SampleSeed {
        let random = [UInt8](repeating: byte, count: 32)
        return try #require(SampleSeed(root: Fixture.digest(1), random: random, hashing))
    }

    @Test func `a rank is HMAC-SHA256 under the seed`() throws {
        // Computed with Python's hashlib and hmac over the root 0x00…1f, the bytes 0x20…3f and the leaf 0x40…5f.
        let root = try #require(Digest(bytes: [UInt8](0..<32)))
        let leaf = try #require(Digest(bytes: [UInt8](64..<96)))
        let seed = try #require(SampleSeed(root: root, random: [UInt8](32..<64), hashing))
        #expect(
            seed.digest.hex
                == "1bf4f0243801d2f51b33746dfb1be3e1"
                + "1bb683d5e09d3d98bc8992efb77882ff")
        #expect(
            SampleRanking(seed, hashing).rank(of: leaf).hex
                == "7ed9045459d168dc9ab2a239f597fb1d"
                + "a5bd5bb9021a19282729fac16ea55bfc")
        #expect(SampleSeed(root: root, random: [UInt8](32..<63), hashing) == nil)
    }

    @Test func `the order of records changes nothing, and only a seed selects others`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(50) {
            let count = Int.random(in: 1...500, using: &random)
            let capacity = Int.random(in: 1...60, using: &random)
            let leaves = (0..<count).map { _ in
                Fixture.digest(UInt64.random(in: 0...UInt64.max, using: &random))
            }
            func selected(_ order: [Int], _ ranking: SampleRanking) -> [Digest] {
                var smallest = SmallestRanks(capacity: capacity)
                for place in order {
                    let record = SampledRecord(
                        leaf: leaves[place], index: UInt64(place), time: Fixture.now)
                    smallest.add(
                        RankedCall(record: record, approvers: []),
                        rank: ranking.rank(of: leaves[place]))
                }
                #expect(smallest.count == count)
                return smallest.calls.map(\.record.leaf)
            }
            let ranking = SampleRanking(try seed(1), hashing)
            let all = Array(0..<count)
            let first = selected(all, ranking)
            #expect(first == selected(all.shuffled(using: &random), ranking))
            let ranks = leaves.map { ranking.rank(of: $0).hex }.sorted().prefix(capacity)
            #expect(first.map { ranking.rank(of: $0).hex } == Array(ranks))
            if count > 2 * capacity, capacity > 8 {
                #expect(Set(first) != Set(selected(all, SampleRanking(try seed(2), hashing))))
            }
        }
    }

    @Test func `sizes are those of the table`() {
        func sizes(_ tier: Tier, _ stage: AutonomyStage) -> [SampleSize] {
            ReviewStratum.allCases.map { $0.size(tier: tier, stage: stage) }
        }
        #expect(sizes(.low, .bounded) == [.all, .most(20), .most(59), .most(20), .most(10)])
        #expect(sizes(.medium, .full) == [.all, .most(59), .most(59), .most(20), .most(20)])
        #expect(sizes(.high, .full) == [.all, .most(299), .most(299), .most(59), .most(20)])
        #expect(sizes(.low, .assisted) == [.all, .all, .most(59), .most(20), .most(10)])
        #expect(sizes(.low, .gated) == [.all, .all, .all, .most(20), .most(10)])
    }

    @Test(arguments: [
        (59, 1_000, 0, "0 in 59: at most 5 %"), (299, 1_000, 0, "0 in 299: at most 1 %"),
        (299, 299, 0, "0 in 299: complete"), (59, 1_000, 1, "1 in 59: at most 8 %"),
        (20, 100, 0, "0 in 20: at most 14 %"), (0, 0, 0, "0 in 0: complete"),
        (2_000, 9_000, 0, "0 in 2000: at most 0.15 %"), (3, 3, 3, "3 in 3: complete"),
    ])
    func `a sample states its bound`(
        _ read: UInt64, _ population: Int, _ found: UInt64, _ text: String
    ) throws {
        let sample = Fixture.sample(of: population, size: .most(2_000), records: 0..<read)
        let marks = (0..<read).map { Fixture.mark($0, $0 < found ? .finding(.minor) : .ok) }
        let marked = MarkedSample(sample, marks: Fixture.marks(marks))
        #expect(marked.bound(of: sample.strata[0]) == text)
        #expect(marked.unmarked.isEmpty)
    }

    @Test func `an unclear record counts as a finding, and nothing read bounds nothing`() {
        let sample = Fixture.sample(of: 100, size: .most(20), records: 0..<20)
        let marks = (0..<20).map { Fixture.mark($0, $0 == 3 ? .unclear : .ok) }
        let marked = MarkedSample(sample, marks: Fixture.marks(marks))
        #expect(marked.bound(of: sample.strata[0]).hasPrefix("1 in 20: at most "))
        let unread = MarkedSample(sample, marks: [:])
        #expect(unread.bound(of: sample.strata[0]) == "0 in 0: no bound")
    }

    @Test func `an erased record stays in the list, and the next one is read as well`() {
        let sample = Fixture.sample(of: 9, size: .most(3), records: 0..<3, spares: 3..<6)
        var marks = Fixture.marks([Fixture.mark(0), Fixture.mark(1, .erased)])
        func indices() -> [UInt64] {
            MarkedSample(sample, marks: marks).records.map(\.index)
        }
        #expect(indices() == [0, 1, 2, 3])
        marks[Fixture.digest(3)] = Fixture.mark(3, .erased)
        #expect(indices() == [0, 1, 2, 3, 4])
        marks[Fixture.digest(2)] = Fixture.mark(2, .erased)
        #expect(indices() == [0, 1, 2, 3, 4, 5])
        let marked = MarkedSample(sample, marks: marks)
        #expect(marked.unmarked.map(\.index) == [4, 5])
        #expect(marked.bound(of: sample.strata[0]).hasPrefix("0 in 1: at most "))
        marks[Fixture.digest(4)] = Fixture.mark(4, .erased)
        // No spare is left.
        #expect(indices() == [0, 1, 2, 3, 4, 5])
    }

    @Test func `more than 30 marks in less than 2 s each raise a warning`() {
        func warnings(_ hasty: UInt64, erased: UInt64 = 0) -> [String] {
            let sample = Fixture.sample(of: 100, size: .most(59), records: 0..<59)
            let marks = (0..<59).map { number in
                Fixture.mark(
                    number, number < erased ? .erased : .ok, seconds: number < hasty ? 1 : 2)
            }
            return MarkedSample(sample, marks: Fixture.marks(marks)).warnings
        }
        #expect(warnings(30).isEmpty)
        #expect(warnings(31) == ["31 records were marked in less than 2 s each"])
        #expect(warnings(31, erased: 1).isEmpty)
    }

    @Test func `a mark is not older than its opening`() {
        let mark = MarkedRecord(
            leaf: Fixture.digest(1), .ok, by: Fixture.pseudonym(1), opened: Fixture.time(1),
            marked: Fixture.time(0))
        #expect(mark == nil)
    }

    @Test func `the digest of marks covers each of them`() throws {
        let sample = Fixture.sample(of: 9, size: .most(3), records: 0..<3)
        let marks = [Fixture.mark(0), Fixture.mark(1), Fixture.mark(2)]
        func digest(_ marks: [MarkedRecord]) throws -> Digest {
            try MarkedSample(sample, marks: Fixture.marks(marks)).digest(hashing)
        }
        let first = try digest(marks)
        #expect(try digest(marks.reversed()) == first)
        #expect(try digest([marks[0], marks[1], Fixture.mark(2, .unclear)]) != first)
        #expect(try digest([marks[0], marks[1], Fixture.mark(2, seconds: 6)]) != first)
        #expect(try digest([marks[0], marks[1], Fixture.mark(2, .finding(.minor))]) != first)
        #expect(try digest([marks[0], marks[1]]) != first)
    }
}
