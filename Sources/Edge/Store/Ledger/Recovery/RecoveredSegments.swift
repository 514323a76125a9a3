import InterlockLedger

/// The roles of the segments that were found.
struct RecoveredSegments {
    /// The segment that continues after the newest frame.
    let current: SegmentPosition
    /// The reserve, or nil if its file is missing: a crash interrupted an earlier version while it exchanged the file.
    private(set) var reserve: SegmentPosition?
    /// The size of the tree after the reserve's last frame.
    private(set) var reserveEnd: UInt64 = 0
    /// All other segments, oldest first.
    private(set) var full: [FullSegment] = []

    /// - Parameter cursors: the cursors at the end of each segment's frames; at least one segment must be numbered.
    init(_ cursors: [FrameCursor], isSigned: (Frame) -> Bool) throws(SystemError) {
        var numbered: [FrameCursor] = []
        for cursor in cursors {
            if cursor.segment.name != Segment.reserveName {
                numbered.append(cursor)
            } else {
                reserve = try Self.place(cursor, isSigned)
                reserveEnd = cursor.end
            }
        }
        numbered.sort { $0.end < $1.end }
        guard let newest = numbered.popLast() else { preconditionFailure("a log has a segment") }
        current = try Self.place(newest, isSigned)
        for cursor in numbered {
            full.append(FullSegment(place: try Self.place(cursor, isSigned), end: cursor.end))
        }
    }

    var segments: [Segment] { full.map(\.place.segment) + [current.segment] }

    private static func place(
        _ cursor: FrameCursor, _ isSigned: (Frame) -> Bool
    ) throws(SystemError) -> SegmentPosition {
        let segment = cursor.segment
        let isBlank =
            if cursor.isBlank { true } else {
                try segment.file.isZero(cursor.offset..<segment.capacity)
            }
        if let use = cursor.use {
            return SegmentPosition(segment, use: use, offset: cursor.offset, isBlank: isBlank)
        }
        guard !isBlank else { return SegmentPosition(segment) }
        // Its first frame was torn and is cut; the frames after it are of earlier uses.
        var use: UInt64 = 0
        try segment.forEachHeader(from: 0) { header, place throws(SystemError) in
            if header.use > use, let frame = try segment.frame(header, at: place), isSigned(frame) {
                use = header.use
            }
            return true
        }
        return SegmentPosition(segment, use: use + 1, isBlank: false)
    }
}
