import Synchronization

/// Caches the positions of the first frames whose records are in no bundle yet.
final class FramePositionCache: Sendable {
    private let kept = Mutex<FrameTail.FramePositions>([:])

    var marks: FrameTail.FramePositions { kept.withLock { $0 } }

    /// - Parameter walk: a walk that begins at the published size and has taken no frame yet.
    func keep(_ walk: inout FrameTail?) throws {
        try walk?.settle()
        guard let marks = walk?.marks else { return }
        kept.withLock { $0 = marks }
    }
}
