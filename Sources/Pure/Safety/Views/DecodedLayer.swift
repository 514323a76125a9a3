/// The bytes that one step of decoding makes of a text, and the origin of each byte in that text. It has parts, each of
/// which is decoded for itself in the next step.
package struct DecodedLayer: Sendable {
    /// Neighboring bytes with one origin.
    fileprivate struct Segment: Sendable {
        let start: UInt32
        let source: UInt32
        /// The number of bytes of the source of which all bytes of the segment are made; 0 if each is the copy of one.
        let length: UInt32
    }

    /// Data that are to be unpacked in the next step.
    struct Packed: Sendable {
        let form: PackedForm
        let bytes: [UInt8]
        /// The byte of the layer that has the origin of the data.
        let position: Int
    }

    /// The most segments: their memory is 12 bytes each.
    static let mostSegments = 1 << 20
    /// The most bytes of a text that neighboring edits have as one origin, and those of one edit more.
    private static let mostMerged: UInt32 = 64

    package private(set) var bytes: [UInt8] = []
    /// The range of each part in `bytes`. Parts have a line feed between them.
    private(set) var parts: [Range<Int>] = []
    private(set) var packed: [Packed] = []
    private var segments: [Segment] = []
    private var partStart = 0

    package init() {}

    package var isEmpty: Bool { bytes.isEmpty }
    var isFull: Bool { segments.count >= Self.mostSegments }

    /// Appends decoded bytes of the current part, all of which have the same origin.
    mutating func append(_ more: [UInt8], from source: Range<Int>) {
        guard !more.isEmpty else { return }
        segments.append(Segment(at: bytes.count, source.lowerBound, source.count))
        bytes += more
    }

    /// Appends what is decoded to the bytes of the current part, all of which has the same origin.
    ///
    /// - Returns: the number of decoded bytes.
    mutating func append(from source: Range<Int>, _ decode: (inout [UInt8]) -> Void) -> Int {
        let start = bytes.count
        decode(&bytes)
        guard bytes.count > start else { return 0 }
        segments.append(Segment(at: start, source.lowerBound, source.count))
        return bytes.count - start
    }

    /// Appends the character that an edit makes, if any. Neighboring edits have one origin, up to a length.
    mutating func append(_ edit: TextEdit, at source: Int) {
        guard let scalar = edit.scalar else { return }
        if let last = segments.last, last.length > 0, last.length < Self.mostMerged,
            Int(last.start) >= partStart, Int(last.source + last.length) == source
        {
            segments[segments.count - 1] = Segment(
                at: Int(last.start), Int(last.source), Int(last.length) + edit.length)
        } else {
            segments.append(Segment(at: bytes.count, source, edit.length))
        }
        guard scalar >= 0x80, !edit.isByte else {
            bytes.append(UInt8(truncatingIfNeeded: scalar))
            return
        }
        for byte in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{fffd}")
            ?? UTF8.encodedReplacementCharacter
        {
            bytes.append(byte)
        }
    }

    /// Appends bytes of the text to the current part.
    mutating func copy(_ source: Range<Int>, of text: Span<UInt8>) {
        guard !source.isEmpty else { return }
        segments.append(Segment(at: bytes.count, source.lowerBound, 0))
        unsafe text.extracting(source).withUnsafeBufferPointer {
            unsafe bytes.append(contentsOf: $0)
        }
    }

    /// Ends the current part; nothing happens if it is empty.
    mutating func endPart() {
        guard bytes.count > partStart else { return }
        parts.append(partStart..<bytes.count)
        // The line feed is of the last byte's origin.
        let last = source(of: bytes.count - 1..<bytes.count)
        append([UInt8(ascii: "\n")], from: last)
        partStart = bytes.count
    }

    /// Keeps data that are to be unpacked. The current part is empty.
    mutating func add(_ form: PackedForm, _ data: [UInt8], from source: Range<Int>) {
        packed.append(Packed(form: form, bytes: data, position: bytes.count))
        append([UInt8(ascii: "\n")], from: source)
        partStart = bytes.count
    }

    /// Returns true if bytes of the layer are neighbors in the text too: what is encoded in them was decoded with it.
    func isCopy(_ range: Range<Int>) -> Bool {
        let index = segment(of: range.lowerBound)
        guard index < segments.count, segments[index].length == 0 else { return false }
        let next = index + 1 < segments.count ? Int(segments[index + 1].start) : bytes.count
        return range.upperBound <= next
    }

    /// Returns true if a part ends before this byte: what follows in the text may not be in the layer.
    package func isEndOfPart(_ end: Int) -> Bool {
        var (low, high) = (0, parts.count)
        while low < high {
            let middle = (low + high) / 2
            if parts[middle].upperBound < end { low = middle + 1 } else { high = middle }
        }
        return low < parts.count && parts[low].upperBound == end
    }

    private func segment(of position: Int) -> Int {
        var (low, high) = (0, segments.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(segments[middle].start) <= position { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }

    /// Returns the bytes of the text of which bytes of the layer are made.
    package func source(of range: Range<Int>) -> Range<Int> {
        var index = segment(of: range.lowerBound)
        var (start, end) = (Int.max, 0)
        while index < segments.count, Int(segments[index].start) < range.upperBound {
            let segment = segments[index]
            index += 1
            let source = Int(segment.source)
            if segment.length > 0 {
                (start, end) = (min(start, source), max(end, source + Int(segment.length)))
                continue
            }
            let next = index < segments.count ? Int(segments[index].start) : bytes.count
            let first = Int(segment.start)
            start = min(start, source + max(range.lowerBound, first) - first)
            end = max(end, source + min(range.upperBound, next) - first)
        }
        return start < end ? start..<end : 0..<0
    }
}

extension DecodedLayer.Segment {
    fileprivate init(at start: Int, _ source: Int, _ length: Int) {
        self.init(
            start: UInt32(clamping: start), source: UInt32(clamping: source),
            length: UInt32(clamping: length))
    }
}
