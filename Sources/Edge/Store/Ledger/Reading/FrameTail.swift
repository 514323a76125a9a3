import Glibc
import InterlockLedger

/// The frames of a write-ahead log from some record on, in the order of their records, read beside the
/// writer: segments are used again while this looks at them. A frame that is overwritten meanwhile is
/// no frame any more; its records are in bundles by then.
struct FrameTail {
    private var cursors: [Cursor] = []
    /// The size of the tree after the frames that were taken.
    private(set) var size: UInt64
    private var current = 0

    /// Places that a walk reached, by the segments' names, from which a later one may go on.
    typealias FramePositions = [String: FramePosition]

    /// - Parameters:
    ///   - start: frames that end at or below are passed by their heads alone; nil for all.
    ///   - marks: of an earlier walk; those that do not hold any more are not looked at.
    init(_ folder: String, from start: UInt64?, marks: FramePositions = [:]) throws(SystemError) {
        for name in try Segment.names(in: folder) {
            do throws(SystemError) {
                let segment = try Segment(opening: name, in: folder, writable: false)
                let mark = marks[name].flatMap { $0.end <= start ?? 0 ? $0 : nil }
                cursors.append(try Cursor(segment, from: mark))
            } catch {
                // Renamed between the two calls: what it holds is looked for again by the caller.
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

    /// - Returns: the frame that holds record `size`; nil when there is none.
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

    /// Where each segment's last frame but one ended: the last may not have been read to its end.
    var marks: FramePositions {
        var marks: FramePositions = [:]
        for cursor in cursors { marks[cursor.name] = cursor.mark }
        return marks
    }

    /// Passes the frames that were taken or are of no interest, so that `marks` stand behind them.
    mutating func settle() throws(SystemError) {
        for place in cursors.indices { _ = try cursors[place].head(beyond: size) }
    }

    /// Goes on at a later record.
    mutating func skip(to size: UInt64) { self.size = max(self.size, size) }

    /// After the last frame: whether another one begins later. The frames between were given up, or
    /// the log is damaged.
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
    /// What stands behind the last frame of a segment and is no frame.
    enum Rest {
        /// Whole frames follow it.
        case damage(String, offset: Int)
        /// The last write was cut short.
        case unfinished(String, offset: Int)
    }

    /// Looks at the frames that end at or below `size`, of which bundles have the records by now.
    /// - Parameter isGood: whether a whole frame holds what the log holds.
    /// - Returns: where that is not so.
    mutating func check(
        upTo size: UInt64, isGood: (Frame) throws -> Bool
    ) throws -> [Rest] {
        var rests: [Rest] = []
        for place in cursors.indices {
            if let rest = try cursors[place].check(upTo: size, isGood) { rests.append(rest) }
        }
        return rests
    }

    /// - Parameter isGood: whether a whole frame was signed by the log.
    func rests(isGood: (Frame) -> Bool) throws(SystemError) -> [Rest] {
        var rests: [Rest] = []
        for cursor in cursors { if let rest = try cursor.rest(size, isGood) { rests.append(rest) } }
        return rests
    }
}

/// A place between two frames of one use of a segment.
struct FramePosition: Sendable {
    /// The segment's first frame. While it stands there, so does what follows it: a record has one frame,
    /// and a segment is written from its beginning.
    let head: FrameHeader
    let offset: Int
    /// The size of the tree after the frame that ends there.
    let end: UInt64
}

/// Walks the frames of the present use of one segment that somebody else may be writing: unlike a
/// `FrameCursor` it remembers nothing that it did not pass.
private struct Cursor {
    private let segment: Segment
    private var offset = 0
    /// Of the first frame: frames of a lower use, behind the last one, are stale.
    private var use: UInt64?
    private var end: UInt64 = 0
    private var first: FrameHeader?
    /// Behind the last frame but one.
    private var before: (offset: Int, end: UInt64) = (0, 0)

    init(_ segment: Segment, from mark: FramePosition?) throws(SystemError) {
        self.segment = segment
        guard let mark, try header() == mark.head else { return }
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

    /// The head of the first frame that ends beyond `size`, reading on from the last place; nil at the
    /// end of what is written. Nothing but the head is checked.
    mutating func head(beyond size: UInt64) throws(SystemError) -> FrameHeader? {
        while let header = try header(), header.use == use ?? header.use, header.first >= end {
            if header.end > size { return header }
            pass(header)
        }
        return nil
    }

    /// - Returns: the first place that is not good.
    mutating func check(
        upTo size: UInt64, _ isGood: (Frame) throws -> Bool
    ) throws -> FrameTail.Rest? {
        var first: FrameTail.Rest?
        var attempts = 0
        while let header = try header(), header.use == use ?? header.use, header.first >= end,
            header.end <= size
        {
            if let frame = try peek(header), try isGood(frame) {
                pass(header)
            } else if attempts < Self.maximumAttempts {
                // A writer that uses the segment again may be about to overwrite it.
                attempts += 1
                usleep(Self.pauseMicroseconds)
            } else {
                first = first ?? .damage(segment.name, offset: offset)
                pass(header)
            }
        }
        return first
    }

    private static let maximumAttempts = 3
    private static let pauseMicroseconds: UInt32 = 20_000

    /// - Returns: nil while the frame is not whole.
    func peek(_ header: FrameHeader) throws(SystemError) -> Frame? {
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

    /// Reads what is left of the segment. Frames of the present use count, and where that is not known
    /// those whose records come after `size`, since frames of an earlier use are below.
    func rest(
        _ size: UInt64, _ isGood: (Frame) -> Bool
    ) throws(SystemError) -> FrameTail.Rest? {
        let header = try header()
        let isBegun = header.map { $0.use == use ?? $0.use && $0.first >= size } ?? false
        // Written since the walk ended.
        if isBegun, let header, try peek(header) != nil { return nil }
        var isFollowed = false
        let next = offset + Frame.alignment
        try segment.forEachHeader(from: next) { header, place throws(SystemError) in
            guard use.map({ header.use == $0 }) ?? (header.first >= size),
                let frame = try segment.frame(header, at: place)
            else { return true }
            isFollowed = isGood(frame)
            return !isFollowed
        }
        if isFollowed { return .damage(segment.name, offset: offset) }
        return isBegun ? .unfinished(segment.name, offset: offset) : nil
    }

    private func header() throws(SystemError) -> FrameHeader? {
        FrameHeader(try segment.file.read(at: offset, count: FrameHeader.size))
    }
}
