/// What was found where the frames of one segment end.
package enum SegmentTail: Sendable, Hashable {
    /// Zeros, the end of the file, or frames of an earlier use.
    case clean
    /// Bytes that are no frame; `goodFrameAfter` when a whole, signed frame follows that is not of an
    /// earlier use.
    case bad(offset: Int, goodFrameAfter: Bool)
    /// Bytes that are no frame, where no frame was being written.
    case misplaced(offset: Int)
}

/// What to do with a log after its frames were followed for as long as each frame began where the
/// one before had ended (section 9 of the ledger's spec, step 3).
package enum RecoveryDecision: Sendable, Hashable {
    case clean
    /// The last frame is torn: nobody was told of it. Zero the segment from the offset on.
    case cut(segment: Int, offset: Int)
    /// Something that was once durable is not there. Change nothing, refuse to start.
    case damaged(String)

    /// - Parameters:
    ///   - tails: one per segment.
    ///   - unreached: the first index of a good frame that does not join the others, if there is one.
    ///   - size: records in the frames that join.
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
                // One frame is in flight at a time, so a crash tears one at most.
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
