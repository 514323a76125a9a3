package import InterlockModel

/// The choice of the samples of one control: the records of the smallest codes (docs/evidence.md, "Samples").
package struct SampleChoice: Sendable {
    private struct Candidate {
        let code: Digest
        let side: SampleKind.Side
        let sample: EvidenceSample
    }

    private let limit: Int
    private var done: [Candidate] = []
    private var refused: [Candidate] = []

    /// - Parameter limit: the most samples; 0 chooses none.
    package init(limit: Int) { self.limit = limit }

    package mutating func add(_ sample: EvidenceSample, code: Digest, side: SampleKind.Side) {
        let candidate = Candidate(code: code, side: side, sample: sample)
        switch side {
        case .done: Self.insert(candidate, into: &done, limit)
        case .refused: Self.insert(candidate, into: &refused, limit)
        }
    }

    /// The chosen records, those of the smallest codes first. If all are of one side and the other has records, its
    /// smallest replaces the last.
    package var samples: [EvidenceSample] {
        var chosen = Array((done + refused).sorted { $0.code.words < $1.code.words }.prefix(limit))
        guard limit > 1, let last = chosen.indices.last else { return chosen.map(\.sample) }
        for side in [done, refused] {
            guard let first = side.first, !chosen.contains(where: { $0.side == first.side })
            else { continue }
            chosen[last] = first
        }
        return chosen.map(\.sample)
    }

    private static func insert(
        _ one: Candidate, into list: inout [Candidate], _ limit: Int
    ) {
        guard limit > 0 else { return }
        if list.count >= limit {
            guard let last = list.last, one.code.words < last.code.words else { return }
            list.removeLast()
        }
        list.insert(one, at: list.firstIndex { one.code.words < $0.code.words } ?? list.endIndex)
    }
}
