/// The content after the last frame of one segment.
package enum SegmentTail: Sendable, Hashable {
    /// Zeros, the end of the file, or frames of an earlier use.
    case clean
    /// Bytes that are not a frame. `goodFrameAfter` is true if a complete, signed frame follows that is not of an
    /// earlier use.
    case bad(offset: Int, goodFrameAfter: Bool)
    /// Bytes that are not a frame, in a place where no frame was being written.
    case misplaced(offset: Int)
}

/// The decision on a log after its frames were followed as long as each began where the previous one ended
/// (docs/specs/ledger.md, section 9, step 3).
package enum RecoveryDecision: Sendable, Hashable {
    case clean
    /// The last frame is torn, so none of its records was confirmed. The caller must zero the segment from the offset
    /// on.
    case cut(segment: Int, offset: Int)
    /// Data that was once durable is missing. The caller must change nothing and refuse to start.
    case damaged(String)

    /// - Parameters:
    ///   - tails: the tail of each segment.
    ///   - unreached: the first index of a valid frame that does not join the others, or nil.
    ///   - size: the number of records in the joined frames.
    package init(tails: [SegmentTail], unreached: UInt64?, size: UInt64) {
        if let unreached {
            self = .damaged("a frame begins at record \(unreached), but the log ends at \(size)")
            return
        }
        var torn: (segment: Int, offset: Int)?
        for (segment, tail) in tails.enumerated() {
            switch tail {
            case .clean: continue
            case .bad(_, goodFrameAfter: true):
                self = .damaged("a bad frame is followed by a good one")
                return
            case .bad(let offset, goodFrameAfter: false):
                // Only one frame is written at a time, so a crash tears at most one.
                guard torn == nil else {
                    self = .damaged("two segments end in a bad frame")
                    return
                }
                torn = (segment, offset)
            case .misplaced(let offset):
                self = .damaged("there is a bad frame at byte \(offset) of an earlier segment")
                return
            }
        }
        self = torn.map { .cut(segment: $0.segment, offset: $0.offset) } ?? .clean
    }
}
