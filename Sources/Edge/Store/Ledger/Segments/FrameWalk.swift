import InterlockLedger

/// Follows the frames of all segments in the order of their records.
struct FrameWalk {
    private(set) var cursors: [FrameCursor]
    /// The size of the tree after the frames that were taken.
    private(set) var size: UInt64
    private var current = 0
    /// True once the cursors have passed the frames below the first size.
    private var isPlaced: Bool

    /// - Parameter start: the first wanted record: 0, or the size of a published checkpoint.
    init(from start: UInt64) {
        cursors = []
        size = start
        isPlaced = false
    }

    /// - Parameter cursors: cursors that have passed the frames below `start`.
    init(passed cursors: [FrameCursor], from start: UInt64) {
        self.cursors = cursors
        size = start
        isPlaced = true
    }

    /// Follows a log that is being written. Cursors of places that are no longer listed are dropped.
    mutating func follow(_ places: [SegmentPosition]) {
        cursors = places.map { place in
            cursors.first { $0.segment === place.segment && $0.use == place.use }
                ?? FrameCursor(place.segment, use: place.use)
        }
        isPlaced = false
    }

    /// Returns the frame that begins where the last one ended, and its segment. Returns nil if no segment has it: at
    /// the end of the log, or if the writer meanwhile published it and reused its segment.
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

    /// Returns the first index of a frame that does not join the last one, or nil if every frame joins.
    mutating func unreached() throws(SystemError) -> UInt64? {
        for place in cursors.indices {
            if case .frame(let frame) = try cursors[place].peek() { return frame.header.first }
        }
        return nil
    }
}
