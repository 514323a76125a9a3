package import InterlockModel

/// The ranks of records: HMAC-SHA256 (RFC 2104) of the leaf hash, with the seed as the key. The records with the smallest
/// ranks of a stratum are its sample.
package struct SampleRanking: Sendable {
    private let inner: [UInt8]
    private let outer: [UInt8]
    private let hashing: any Hashing

    package init(_ seed: SampleSeed, _ hashing: any Hashing) {
        // A block of SHA-256 has 64 bytes.
        let key = seed.digest.bytes + [UInt8](repeating: 0, count: 32)
        inner = key.map { $0 ^ 0x36 }
        outer = key.map { $0 ^ 0x5c }
        self.hashing = hashing
    }

    package func rank(of leaf: Digest) -> Digest {
        let bytes = leaf.bytes
        let first = hashing.sha256(inner.span, bytes.span).bytes
        return hashing.sha256(outer.span, first.span)
    }
}

/// A call that may be sampled, with the people who approved it.
struct RankedCall: Sendable {
    let record: SampledRecord
    let approvers: [Pseudonym]
}

/// The calls with the smallest ranks among those that were added, in any order. It holds at most twice its capacity.
struct SmallestRanks: Sendable {
    private struct Ranked {
        let rank: Digest
        let call: RankedCall

        static func precedes(_ a: Ranked, _ b: Ranked) -> Bool {
            a.rank == b.rank
                ? a.call.record.index < b.call.record.index : a.rank.words < b.rank.words
        }
    }

    private let capacity: Int
    private var held: [Ranked] = []
    /// The largest rank that can still be among the smallest; nil before there are enough.
    private var bound: Digest?
    /// The number of calls that were added.
    private(set) var count = 0

    init(capacity: Int) {
        precondition(capacity > 0, "nothing would be held")
        self.capacity = capacity
    }

    mutating func add(_ call: RankedCall, rank: Digest) {
        count += 1
        if let bound, bound.words < rank.words { return }
        held.append(Ranked(rank: rank, call: call))
        guard held.count == 2 * capacity else { return }
        held.sort(by: Ranked.precedes)
        held.removeLast(capacity)
        bound = held.last?.rank
    }

    /// The calls in the order of their ranks, at most the capacity.
    var calls: [RankedCall] {
        held.sorted(by: Ranked.precedes).prefix(capacity).map(\.call)
    }
}
