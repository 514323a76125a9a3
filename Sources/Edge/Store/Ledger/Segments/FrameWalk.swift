import InterlockLedger

/// Follows the frames of all segments in the order of their records.
struct FrameWalk {
    private(set) var cursors: [FrameCursor]
    /// The size of the tree after the frames that were taken.
    private(set) var size: UInt64
    private var current = 0
    /// Whether the cursors stand behind what lies below the first size.
    private var isPlaced: Bool

    /// - Parameter start: the first record wanted: 0, or the size of a checkpoint that was published.
    init(from start: UInt64) {
        cursors = []
        size = start
        isPlaced = false
    }

    /// - Parameter cursors: that passed the frames below `start`.
    init(passed cursors: [FrameCursor], from start: UInt64) {
        self.cursors = cursors
        size = start
        isPlaced = true
    }

    /// Follows a log that is being written. Cursors of places that are no longer named are dropped.
    mutating func follow(_ places: [SegmentPosition]) {
        cursors = places.map { place in
            cursors.first { $0.segment === place.segment && $0.use == place.use }
                ?? FrameCursor(place.segment, use: place.use)
        }
        isPlaced = false
    }

    /// The frame that begins where the last one ended, and its segment; nil when no segment has it: at
    /// the end of the log, or when the writer published it and used its segment again meanwhile.
    mutating func next() throws(SystemError) -> (frame: Frame, segment: Int)? {
        if !isPlaced {
            for place in cursors.indices { try cursors[place].skip(to: size) }
            isPlaced = true
        }
        for turn in 0..<cursors.count {
            let place = (current + turn) % cursors.count
            guard case .frame(let frame) = try cursors[place].peek(), frame.header.first == size
            else { continue }
            cursors[place].advance()
            current = place
            size = frame.header.end
            return (frame, place)
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
