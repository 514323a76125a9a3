import InterlockLedger

/// Where the next frame of a segment goes.
struct SegmentPosition: Sendable {
    let segment: Segment
    /// What the frames of this use of the segment carry.
    let use: UInt64
    var offset: Int
    /// Whether nothing but zeros lies behind `offset`. In a segment that is used again, older frames do.
    let isBlank: Bool

    init(_ segment: Segment, use: UInt64 = Segment.firstUse, offset: Int = 0, isBlank: Bool = true)
    {
        self.segment = segment
        self.use = use
        self.offset = offset
        self.isBlank = isBlank
    }

    /// The same segment from its beginning. Its frames must be covered by a published checkpoint.
    var again: SegmentPosition { SegmentPosition(segment, use: use + 1, isBlank: false) }

    var left: Int { segment.capacity - offset }

    /// Zeros to write behind a frame of `size` bytes: where older frames lie, a page of them tells a start
    /// that the log ends here. The next frame takes its place.
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
