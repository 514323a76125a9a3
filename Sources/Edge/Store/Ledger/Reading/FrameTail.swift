import Glibc
import InterlockLedger

/// Reads the frames of a write-ahead log from a given record on, in the order of their records, while the writer may
/// reuse segments. A frame that is overwritten meanwhile is no longer found; its records are in bundles by then.
struct FrameTail {
    private var cursors: [Cursor] = []
    /// The size of the tree after the frames that were taken.
    private(set) var size: UInt64
    private var current = 0

    /// Positions that a walk reached, by segment name, from which a later walk may continue.
    typealias FramePositions = [String: FramePosition]

    /// - Parameters:
    ///   - start: frames that end at or below this size are skipped by their heads alone; nil for all frames.
    ///   - marks: the marks of an earlier walk; marks that are no longer valid are ignored.
    init(_ folder: String, from start: UInt64?, marks: FramePositions = [:]) throws(SystemError) {
        for name in try Segment.names(in: folder) {
            do throws(SystemError) {
                let segment = try Segment(opening: name, in: folder, writable: false)
                let mark = marks[name].flatMap { $0.end <= start ?? 0 ? $0 : nil }
                cursors.append(try Cursor(segment, from: mark))
            } catch {
                // Renamed between the two calls; the caller searches again for its frames.
                guard error.code == ENOENT else { throw error }
            }
        }
        size = start ?? 0
        guard start == nil else { return }
        var first: UInt64?
        for place in cursors.indices {
            guard let head = try cursors[place].head(beyond: 0) else { continue }
            first = min(first ?? head.first, head.first)
        }
        size = first ?? 0
    }

    /// - Returns: the frame that holds record `size`, or nil if no segment has it.
    mutating func next() throws(SystemError) -> Frame? {
        for turn in 0..<cursors.count {
            let place = (current + turn) % cursors.count
            guard let head = try cursors[place].head(beyond: size), head.first <= size,
                let frame = try cursors[place].take(head)
            else { continue }
            current = place
            size = frame.header.end
            return frame
        }
        return nil
    }

    /// The end of each segment's last frame but one: the last frame may not have been read to its end.
    var marks: FramePositions {
        var marks: FramePositions = [:]
        for cursor in cursors { marks[cursor.name] = cursor.mark }
        return marks
    }

    /// Skips the frames that were taken or are not needed, so that `marks` point after them.
    mutating func settle() throws(SystemError) {
        for place in cursors.indices { _ = try cursors[place].head(beyond: size) }
    }

    /// Continues at a later record.
    mutating func skip(to size: UInt64) { self.size = max(self.size, size) }

    /// True if, after the last frame, another one begins at a later record. Then the frames between were overwritten,
    /// or the log is damaged.
    var isBehindGap: Bool {
        mutating get throws(SystemError) {
            for place in cursors.indices {
                if let head = try cursors[place].head(beyond: size), head.first > size,
                    try cursors[place].peek(head) != nil
                {
                    return true
                }
            }
            return false
        }
    }
}

extension FrameTail {
    /// Bytes after the last frame of a segment that are not a frame.
    enum Rest {
        /// Whole frames follow the bytes.
        case damage(String, offset: Int)
        /// The last write was cut short.
        case unfinished(String, offset: Int)
    }

    /// Checks the frames that end at or below `size`, whose records are in bundles by now.
    /// - Parameter isGood: returns true if the content of a whole frame matches the log.
    /// - Returns: the frames that fail.
    mutating func check(
        upTo size: UInt64, isGood: (Frame) throws -> Bool
    ) throws -> [Rest] {
        var rests: [Rest] = []
        for place in cursors.indices {
            let isReused = mayBeReused(cursors[place])
            if let rest = try cursors[place].check(upTo: size, isReused: isReused, isGood) {
                rests.append(rest)
            }
        }
        return rests
    }

    /// True for the reserve, and for the oldest of several segments: the first frame of a new use may be torn there,
    /// so that frames of the use before it remain.
    private func mayBeReused(_ cursor: Cursor) -> Bool {
        guard let first = cursor.beginning?.first else { return false }
        if cursor.name == Segment.reserveName { return true }
        let others = cursors.filter { $0.name != Segment.reserveName && $0.name != cursor.name }
            .compactMap(\.beginning?.first)
        return !others.isEmpty && others.allSatisfy { first < $0 }
    }

    /// - Parameter isGood: returns true if a whole frame was signed by the log.
    func rests(isGood: (Frame) -> Bool) throws(SystemError) -> [Rest] {
        var rests: [Rest] = []
        for cursor in cursors {
            let rest = try cursor.rest(size, isReused: mayBeReused(cursor), isGood)
            if let rest { rests.append(rest) }
        }
        return rests
    }
}

/// A position between two frames of one use of a segment.
struct FramePosition: Sendable {
    /// The head of the segment's first frame. While it is unchanged, so are the frames after it: a record has one
    /// frame, and a segment is written from its beginning.
    let head: FrameHeader
    let offset: Int
    /// The size of the tree after the frame that ends at `offset`.
    let end: UInt64
}

/// Walks the frames of the present use of one segment that another process may be writing. Unlike a `FrameCursor` it
/// keeps no frame that it has not passed.
private struct Cursor {
    private let segment: Segment
    private var ahead = ReadAhead()
    private var offset = 0
    /// The use of the first frame; frames with a lower use after the last one are stale.
    private var use: UInt64?
    private var end: UInt64 = 0
    private var first: FrameHeader?
    /// The head at the beginning of the segment when it was opened.
    let beginning: FrameHeader?
    /// The position before the last frame that was passed.
    private var before: (offset: Int, end: UInt64) = (0, 0)

    init(_ segment: Segment, from mark: FramePosition?) throws(SystemError) {
        self.segment = segment
        beginning = FrameHeader(try segment.file.read(at: 0, count: FrameHeader.size))
        guard let mark, beginning == mark.head else { return }
        first = mark.head
        use = mark.head.use
        offset = mark.offset
        end = mark.end
        before = (offset, end)
    }

    var name: String { segment.name }

    var mark: FramePosition? {
        first.map { FramePosition(head: $0, offset: before.offset, end: before.end) }
    }

    /// Returns the head of the first frame that ends beyond `size`, reading on from the last position, or nil at the
    /// end of the written frames. Checks only the head.
    mutating func head(beyond size: UInt64) throws(SystemError) -> FrameHeader? {
        while let header = try header() {
            if header.end > size { return header }
            pass(header)
        }
        return nil
    }

    /// - Parameter isReused: whether a bad frame may be the place of the first frame of a new use.
    /// - Returns: the first bad frame.
    mutating func check(
        upTo size: UInt64, isReused: Bool, _ isGood: (Frame) throws -> Bool
    ) throws -> FrameTail.Rest? {
        var first: FrameTail.Rest?
        var attempts = 0
        while let header = try header(), header.end <= size {
            if let frame = try peek(header), try isGood(frame) {
                pass(header)
            } else if attempts < Self.maximumAttempts {
                // A writer that reuses the segment may be overwriting the frame.
                attempts += 1
                usleep(Self.pauseMicroseconds)
            } else if isReused, offset < Frame.maximumBytes {
                return .unfinished(segment.name, offset: 0)
            } else {
                first = first ?? .damage(segment.name, offset: offset)
                pass(header)
            }
        }
        return first
    }

    private static let maximumAttempts = 3
    private static let pauseMicroseconds: UInt32 = 20_000

    /// - Returns: nil if the frame is not whole.
    mutating func peek(_ header: FrameHeader) throws(SystemError) -> Frame? {
        let frame = try segment.frame(header, at: offset, &ahead)
        if let frame, frame.header == header { return frame }
        ahead.forget()
        return try whole(header)
    }

    private func whole(_ header: FrameHeader) throws(SystemError) -> Frame? {
        guard let frame = try segment.frame(header, at: offset), frame.header == header else {
            return nil
        }
        return frame
    }

    mutating func take(_ header: FrameHeader) throws(SystemError) -> Frame? {
        guard let frame = try peek(header) else { return nil }
        pass(header)
        return frame
    }

    private mutating func pass(_ header: FrameHeader) {
        first = first ?? header
        before = (offset, end)
        use = header.use
        end = header.end
        offset += header.paddedSize
    }

    /// Checks the rest of the segment for frames of the present use. If the use is unknown, frames count whose records
    /// come after `size`, since those of an earlier use are below it.
    ///
    /// - Parameter isReused: whether frames below `size` may remain after the torn first frame of a new use.
    func rest(
        _ size: UInt64, isReused: Bool, _ isGood: (Frame) -> Bool
    ) throws(SystemError) -> FrameTail.Rest? {
        let header = try writtenHeader()
        let isBegun = header.map { $0.use == use ?? $0.use && $0.first >= size } ?? false
        // Written after the walk ended.
        if isBegun, let header, try whole(header) != nil { return nil }
        var isFollowed = false
        let next = offset + Frame.alignment
        try segment.forEachHeader(from: next) { header, place throws(SystemError) in
            guard use.map({ header.use == $0 }) ?? (header.first >= size),
                header.first >= size || !isReused,
                let frame = try segment.frame(header, at: place)
            else { return true }
            isFollowed = isGood(frame)
            return !isFollowed
        }
        if isFollowed { return .damage(segment.name, offset: offset) }
        return isBegun ? .unfinished(segment.name, offset: offset) : nil
    }

    /// Returns the head of the next frame of the present use, or nil if none begins here.
    private mutating func header() throws(SystemError) -> FrameHeader? {
        let isHeld = ahead.holds(offset, count: FrameHeader.size)
        let head = FrameHeader(
            try ahead.read(segment.file, at: offset, count: FrameHeader.size))
        if let head, isNext(head) { return head }
        guard isHeld else { return nil }
        ahead.forget()
        return try writtenHeader().flatMap { isNext($0) ? $0 : nil }
    }

    private func isNext(_ head: FrameHeader) -> Bool {
        head.use == use ?? head.use && head.first >= end
    }

    private func writtenHeader() throws(SystemError) -> FrameHeader? {
        FrameHeader(try segment.file.read(at: offset, count: FrameHeader.size))
    }
}
