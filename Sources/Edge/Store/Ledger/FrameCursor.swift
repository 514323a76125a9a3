import InterlockLedger

/// Walks the frames of one segment.
struct FrameCursor {
    let segment: Segment
    private(set) var offset = 0
    private var peeked: Frame?

    enum Next {
        case frame(Frame)
        /// No header here: zeros, or the end of the segment.
        case end
        case bad
    }

    init(_ segment: Segment) { self.segment = segment }

    /// Reads again each time unless it has found a frame, since a writer may be at work.
    mutating func peek() throws(SystemError) -> Next {
        if let peeked { return .frame(peeked) }
        guard offset + FrameHeader.size <= segment.capacity else { return .end }
        let head = try segment.file.read(at: offset, count: FrameHeader.size)
        if head.allSatisfy({ $0 == 0 }) { return .end }
        guard let frame = try frame(at: offset) else { return .bad }
        peeked = frame
        return .frame(frame)
    }

    mutating func advance() {
        guard let frame = peeked else { return }
        offset += frame.header.paddedSize
        peeked = nil
    }

    /// What stands behind the last frame. Reads the rest of the segment.
    func tail(isGood: (Frame) -> Bool) throws(SystemError) -> SegmentTail {
        guard try !segment.file.isZero(offset..<segment.capacity) else { return .clean }
        var place = offset
        while place + FrameHeader.size <= segment.capacity {
            if let frame = try frame(at: place), isGood(frame) {
                return .bad(offset: offset, goodFrameAfter: true)
            }
            place += Frame.alignment
        }
        return .bad(offset: offset, goodFrameAfter: false)
    }

    private func frame(at place: Int) throws(SystemError) -> Frame? {
        let head = try segment.file.read(at: place, count: FrameHeader.size)
        guard let header = FrameHeader(head), header.use == Segment.firstUse,
            place + header.paddedSize <= segment.capacity
        else { return nil }
        return Frame(try segment.file.read(at: place, count: header.paddedSize))
    }
}

/// Follows the frames of all segments in the order of their records.
struct FrameWalk {
    private(set) var cursors: [FrameCursor]
    /// Records in the frames that were taken.
    private(set) var size: UInt64 = 0
    private var current = 0

    init(_ segments: [Segment]) { cursors = segments.map(FrameCursor.init) }

    /// The frame that begins where the last one ended, and its segment; nil when no segment has it.
    mutating func next() throws(SystemError) -> (frame: Frame, segment: Int, offset: Int)? {
        for turn in 0..<cursors.count {
            let place = (current + turn) % cursors.count
            guard case .frame(let frame) = try cursors[place].peek(), frame.header.first == size
            else { continue }
            let offset = cursors[place].offset
            cursors[place].advance()
            current = place
            size = frame.header.end
            return (frame, place, offset)
        }
        return nil
    }

    /// After the last frame: the first index of a frame that does not join, if there is one.
    mutating func unreached() throws(SystemError) -> UInt64? {
        for place in cursors.indices {
            if case .frame(let frame) = try cursors[place].peek() { return frame.header.first }
        }
        return nil
    }
}
