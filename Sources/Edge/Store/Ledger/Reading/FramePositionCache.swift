import Synchronization

/// Where a reader found the first frames of which no bundle has the records yet.
final class FramePositionCache: Sendable {
    private let kept = Mutex<FrameTail.FramePositions>([:])

    var marks: FrameTail.FramePositions { kept.withLock { $0 } }

    /// - Parameter walk: that begins behind the published log, and of which nothing was taken yet.
    func keep(_ walk: inout FrameTail?) throws {
        try walk?.settle()
        guard let marks = walk?.marks else { return }
        kept.withLock { $0 = marks }
    }
}
