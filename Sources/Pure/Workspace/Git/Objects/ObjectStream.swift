/// Reads the output of `git cat-file --batch` for known file contents, in their order: for each the line `ID blob SIZE`,
/// as many bytes, and a line feed. Nothing of a content is kept.
package struct ObjectStream {
    package enum Event: Hashable, Sendable {
        case begin(ListedBlob)
        /// The next bytes of the content that began last.
        case content
        case end(ListedBlob)
    }

    private enum Position: Hashable {
        /// So many bytes of the line before the content were read.
        case line(Int)
        /// So many bytes of the content are missing.
        case content(Int64)
        case lineFeed
    }

    private let blobs: [ListedBlob]
    private let format: ObjectFormat
    private var position = Position.line(0)
    /// The index of the content that is read, and the line before it.
    private var index = 0
    private var line: [UInt8] = []

    package init(_ blobs: [ListedBlob], _ format: ObjectFormat) {
        (self.blobs, self.format) = (blobs, format)
        line = next()
    }

    /// The most bytes of the whole output.
    package static func mostBytes(_ blobs: [ListedBlob]) -> Int64 {
        blobs.reduce(0) { $0 + $1.size + 128 }
    }

    private func next() -> [UInt8] {
        guard index < blobs.count else { return [] }
        return Array("\(blobs[index].id.hex(format)) blob \(blobs[index].size)\n".utf8)
    }

    /// - Parameter event: receives what the bytes are; they are empty unless they are of a content.
    package mutating func take(
        _ part: Span<UInt8>, _ event: (Event, Span<UInt8>) -> Void
    ) throws(ObjectFault) {
        let none = part.extracting(0..<0)
        var taken = 0
        while taken < part.count {
            guard index < blobs.count else { throw .order }
            switch position {
            case .line(let read):
                guard part[taken] == line[read] else { throw .order }
                taken += 1
                guard read + 1 == line.count else {
                    position = .line(read + 1)
                    continue
                }
                event(.begin(blobs[index]), none)
                position = .content(blobs[index].size)
            case .content(let left):
                let count = Int(min(left, Int64(part.count - taken)))
                if count > 0 { event(.content, part.extracting(taken..<taken + count)) }
                taken += count
                position = left == Int64(count) ? .lineFeed : .content(left - Int64(count))
            case .lineFeed:
                guard part[taken] == UInt8(ascii: "\n") else { throw .order }
                taken += 1
                event(.end(blobs[index]), none)
                index += 1
                line = next()
                position = .line(0)
            }
        }
    }

    /// - Throws: an error if a content is missing.
    package func finish() throws(ObjectFault) {
        guard index == blobs.count, position == .line(0) else { throw .order }
    }
}
