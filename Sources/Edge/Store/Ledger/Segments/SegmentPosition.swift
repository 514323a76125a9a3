import InterlockLedger

/// The position in a segment for the next frame.
struct SegmentPosition: Sendable {
    let segment: Segment
    /// The number of this use, which its frames carry.
    let use: UInt64
    var offset: Int
    /// True if only zeros follow `offset`. In a reused segment, older frames follow.
    let isBlank: Bool

    init(_ segment: Segment, use: UInt64 = Segment.firstUse, offset: Int = 0, isBlank: Bool = true)
    {
        self.segment = segment
        self.use = use
        self.offset = offset
        self.isBlank = isBlank
    }

    /// The same segment from its beginning, for the next use. Its frames must be covered by a published checkpoint.
    var again: SegmentPosition { SegmentPosition(segment, use: use + 1, isBlank: false) }

    var left: Int { segment.capacity - offset }

    /// The number of zero bytes to write after a frame of `size` bytes. Where older frames follow, a page of zeros
    /// marks the end of the log for a start; the next frame overwrites it.
    func endMark(behind size: Int) -> Int {
        !isBlank && left >= size + Frame.alignment ? Frame.alignment : 0
    }
}

/// A segment whose frames may still be needed.
struct FullSegment: Sendable {
    let place: SegmentPosition
    /// The size of the tree after its last frame: once that is published, the segment is free.
    let end: UInt64
}
