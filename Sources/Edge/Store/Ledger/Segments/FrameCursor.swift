import InterlockLedger

/// Walks the frames of one use of a segment.
struct FrameCursor {
    let segment: Segment
    /// The use of the frames that count, or nil until the first was read. Frames of an earlier use are ignored.
    private(set) var use: UInt64?
    private(set) var offset = 0
    /// The size of the tree after the last frame that was passed.
    private(set) var end: UInt64 = 0
    /// The first record of the first frame that was passed.
    private(set) var first: UInt64?
    private var peeked: Frame?
    private var ahead = ReadAhead()
    /// True if only zeros were found after the frames; false also if the rest was not read. A start reads hundreds of
    /// MiB for this, so it does so once.
    private(set) var isBlank = false

    enum Next {
        case frame(Frame)
        /// No frame of this use here: zeros, an older frame, or the end of the segment.
        case end
        case bad
    }

    /// - Parameter use: the use of the wanted frames; by default that of the first frame.
    init(_ segment: Segment, use: UInt64? = nil) {
        self.segment = segment
        self.use = use
    }

    /// Returns the next frame without passing it. Reads again on each call until a frame was found, since a writer may
    /// be active.
    mutating func peek() throws(SystemError) -> Next {
        if let peeked { return .frame(peeked) }
        let isHeld = ahead.holds(offset, count: FrameHeader.size)
        let next = try look()
        if case .frame = next { return next }
        guard isHeld else { return next }
        ahead.forget()
        return try look()
    }

    private mutating func look() throws(SystemError) -> Next {
        guard offset + FrameHeader.size <= segment.capacity else { return .end }
        let head = try ahead.read(segment.file, at: offset, count: FrameHeader.size)
        guard head.contains(where: { $0 != 0 }) else { return .end }
        guard let header = FrameHeader(head) else { return .bad }
        if let use, header.use < use { return .end }
        guard header.use == use ?? header.use,
            let frame = try segment.frame(header, at: offset, &ahead)
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

    /// Skips the frames that end at or below `size`, by their heads alone.
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

    /// The head at the present offset, or nil if no frame begins there.
    func header() throws(SystemError) -> FrameHeader? {
        guard offset + FrameHeader.size <= segment.capacity else { return nil }
        return FrameHeader(try segment.file.read(at: offset, count: FrameHeader.size))
    }

    /// Reads the rest of the segment and classifies what follows the last frame.
    /// - Parameters:
    ///   - covered: the size of the published checkpoint. Frames below it prove no loss: they may belong to the use
    /// that was being overwritten.
    ///   - isGood: returns true if a whole frame is signed and was not followed already.
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
        var isOverwritten = false
        try segment.forEachHeader(from: offset) { header, place throws(SystemError) in
            guard use.map({ header.use >= $0 }) ?? (header.first >= covered),
                let frame = try segment.frame(header, at: place), isGood(frame)
            else { return true }
            isFollowed = header.first >= covered
            isOverwritten = true
            return !isFollowed
        }
        if isFollowed { return .bad(offset: offset, goodFrameAfter: true) }
        return isBad || isOverwritten || use == Segment.firstUse
            ? .bad(offset: offset, goodFrameAfter: false) : .clean
    }
}
