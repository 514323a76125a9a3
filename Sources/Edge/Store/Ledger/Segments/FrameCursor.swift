import InterlockLedger

/// Walks the frames of one use of a segment.
struct FrameCursor {
    let segment: Segment
    /// Of the frames that count; nil until the first was seen. Frames of an earlier use are not there.
    private(set) var use: UInt64?
    private(set) var offset = 0
    /// The size of the tree after the last frame that was passed.
    private(set) var end: UInt64 = 0
    /// The first record of the first frame that was passed.
    private(set) var first: UInt64?
    private var peeked: Frame?
    /// Nothing but zeros was found behind the frames; false also where nobody looked. A start reads
    /// hundreds of MiB for this, so it looks once.
    private(set) var isBlank = false

    enum Next {
        case frame(Frame)
        /// No frame of this use here: zeros, an older frame, or the end of the segment.
        case end
        case bad
    }

    /// - Parameter use: of the frames wanted; by default that of the first frame.
    init(_ segment: Segment, use: UInt64? = nil) {
        self.segment = segment
        self.use = use
    }

    /// Reads again each time unless it has found a frame, since a writer may be at work.
    mutating func peek() throws(SystemError) -> Next {
        if let peeked { return .frame(peeked) }
        guard let head = try head(), head.contains(where: { $0 != 0 }) else { return .end }
        guard let header = FrameHeader(head) else { return .bad }
        if let use, header.use < use { return .end }
        guard header.use == use ?? header.use, let frame = try segment.frame(header, at: offset)
        else { return .bad }
        use = header.use
        peeked = frame
        return .frame(frame)
    }

    mutating func advance() {
        guard let frame = peeked else { return }
        first = first ?? frame.header.first
        offset += frame.header.paddedSize
        end = frame.header.end
        peeked = nil
        isBlank = false
    }

    /// Passes the frames that end at or below `size`, by their heads alone.
    mutating func skip(to size: UInt64) throws(SystemError) {
        while peeked == nil, let header = try header(), header.use == use ?? header.use,
            header.end <= size, header.paddedSize <= segment.capacity - offset
        {
            use = header.use
            first = first ?? header.first
            offset += header.paddedSize
            end = header.end
        }
    }

    /// The head at the present place, if there is one.
    func header() throws(SystemError) -> FrameHeader? { try head().flatMap(FrameHeader.init) }

    private func head() throws(SystemError) -> [UInt8]? {
        guard offset + FrameHeader.size <= segment.capacity else { return nil }
        return try segment.file.read(at: offset, count: FrameHeader.size)
    }

    /// What stands behind the last frame. Reads the rest of the segment.
    /// - Parameters:
    ///   - covered: the size of the published checkpoint. Where the first frame of a segment is bad, its
    ///     use is not known; frames below this size may then be of an earlier one.
    ///   - isGood: whether a whole frame is signed, and is not one that was followed already.
    mutating func tail(
        covered: UInt64, isGood: (Frame) -> Bool
    ) throws(SystemError) -> SegmentTail {
        var cursor = self
        let isBad: Bool
        switch try cursor.peek() {
        case .frame: return .clean
        case .bad: isBad = true
        case .end: isBad = false
        }
        if !isBad, use ?? Segment.firstUse == Segment.firstUse,
            try segment.file.isZero(offset..<segment.capacity)
        {
            isBlank = true
            return .clean
        }
        var isFollowed = false
        try segment.forEachHeader(from: offset) { header, place throws(SystemError) in
            guard use.map({ header.use >= $0 }) ?? (header.first >= covered),
                let frame = try segment.frame(header, at: place)
            else { return true }
            isFollowed = isGood(frame)
            return !isFollowed
        }
        if isFollowed { return .bad(offset: offset, goodFrameAfter: true) }
        return isBad || use == Segment.firstUse
            ? .bad(offset: offset, goodFrameAfter: false) : .clean
    }
}
