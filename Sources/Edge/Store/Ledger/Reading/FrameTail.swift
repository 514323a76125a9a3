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

    /// - Parameter start: frames that end at or below are passed by their heads alone; nil for all.
    init(_ folder: String, from start: UInt64?) throws(SystemError) {
        for name in try Segment.names(in: folder) {
            do throws(SystemError) {
                cursors.append(Cursor(try FileDescriptor("\(folder)/\(name)", O_RDONLY)))
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

/// Walks the frames of the present use of one segment.
private struct Cursor {
    private let file: FileDescriptor
    private var offset = 0
    /// Of the first frame: frames of a lower use, behind the last one, are stale.
    private var use: UInt64?
    private var end: UInt64 = 0

    init(_ file: FileDescriptor) { self.file = file }

    /// The head of the first frame that ends beyond `size`, reading on from the last place; nil at the
    /// end of what is written. Nothing but the head is checked.
    mutating func head(beyond size: UInt64) throws(SystemError) -> FrameHeader? {
        while let header = FrameHeader(try file.read(at: offset, count: FrameHeader.size)),
            header.use == use ?? header.use, header.first >= end
        {
            if header.end > size { return header }
            pass(header)
        }
        return nil
    }

    /// - Returns: nil while the frame is not whole.
    func peek(_ header: FrameHeader) throws(SystemError) -> Frame? {
        guard let frame = Frame(try file.read(at: offset, count: header.paddedSize)),
            frame.header == header
        else { return nil }
        return frame
    }

    mutating func take(_ header: FrameHeader) throws(SystemError) -> Frame? {
        guard let frame = try peek(header) else { return nil }
        pass(header)
        return frame
    }

    private mutating func pass(_ header: FrameHeader) {
        use = header.use
        end = header.end
        offset += header.paddedSize
    }
}
