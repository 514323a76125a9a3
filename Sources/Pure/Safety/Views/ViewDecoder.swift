/// Decodes a text for the search: runs of base64 and hexadecimal digits, escapes, characters that look like ASCII, and
/// compressed data in what was decoded (docs/specs/output-safety.md, section 4). One text at a time.
///
/// INVARIANT: a text is decoded as far as its limits allow, and what is not decoded sets `isUndecodable`. Kept by
/// `ViewDecoderTests`, `ViewSearchTests`, `ViewEvasionTests`.
package struct ViewDecoder: Sendable {
    /// The bytes around an edited character that are searched with it: a match with it lies within.
    static let context = RulePattern.longestMatch

    var budget: DecodingBudget
    /// Room for decoded bytes, and for what is unpacked on trial.
    var room: [UInt8] = []
    var trial: [UInt8] = []
    /// The bytes of the current layer that the budget was charged for already.
    private var charged = 0
    /// The edits of the text itself, which may continue behind the range that was decoded last.
    private var edits = EditProgress()

    package init(_ limits: ViewLimits) { budget = DecodingBudget(limits) }

    /// True if a part of the text was not decoded.
    package var isUndecodable: Bool { budget.isOver }
    /// True if the decoded bytes are more than the limits allow.
    package var isOverBytes: Bool { budget.isOverBytes }

    /// Decodes what begins in a range of a text.
    ///
    /// - Returns: the layer, and the end of what was decoded: the start of the next range.
    package mutating func layer(
        of text: Span<UInt8>, startingIn range: Range<Int>, by inflater: any Inflater
    ) -> (layer: DecodedLayer, end: Int) {
        var layer = DecodedLayer()
        let end = decodeRuns(of: text, range, limit: text.count, to: &layer, by: inflater)
        if range.lowerBound == 0 { edits = EditProgress() }
        var progress = edits
        edit(text, from: &progress, to: end, within: 0..<text.count, to: &layer)
        edits = progress
        charge(layer)
        return (layer, end)
    }

    /// Decodes a layer.
    package mutating func layer(
        of earlier: DecodedLayer, by inflater: any Inflater
    ) -> DecodedLayer {
        layer(of: earlier, from: 0, step: .max, by: inflater).layer
    }

    /// Decodes a layer from one of its packed data on. What is encoded in its text comes with the last of them.
    ///
    /// - Parameter step: the bytes behind which no further data are unpacked; those of one can be `partBytes` more.
    /// - Returns: the layer, and the packed data that are next; nil if nothing is left.
    package mutating func layer(
        of earlier: DecodedLayer, from start: Int, step: Int, by inflater: any Inflater
    ) -> (layer: DecodedLayer, next: Int?) {
        var layer = DecodedLayer()
        for index in start..<max(start, earlier.packed.count) {
            guard layer.bytes.count < step else {
                charge(layer)
                return (layer, index)
            }
            unpack(earlier.packed[index], to: &layer, by: inflater)
        }
        let text = earlier.bytes.span
        for part in earlier.parts {
            decodeRuns(
                of: text, part, limit: part.upperBound, in: earlier, to: &layer, by: inflater)
            var progress = EditProgress(end: part.lowerBound)
            edit(text, from: &progress, to: part.upperBound, within: part, to: &layer)
            unpackRaw(text, part, to: &layer, by: inflater)
            guard budget.remaining >= 0 else { break }
        }
        charge(layer)
        return (layer, nil)
    }

    /// Notes whether the last layer has something encoded: what would need another layer is not decoded.
    package mutating func end(with layer: DecodedLayer) {
        if hasEncoding(layer) { budget.exceedOther() }
    }

    private mutating func charge(_ layer: DecodedLayer) {
        _ = budget.take(max(0, layer.bytes.count - charged))
        charged = 0
        if layer.isFull { budget.exceedBytes() }
    }

    /// Charges what was made at once, so that it bounds what is made next.
    mutating func charge(made count: Int) {
        _ = budget.take(count)
        charged += count
    }

    /// Decodes each run that begins in a range.
    ///
    /// - Parameter earlier: the layer whose bytes the text is, or nil. Runs that were copied to it are left out.
    /// - Returns: the end of the range, or where runs go on to be looked for if that is later.
    @discardableResult
    private mutating func decodeRuns(
        of text: Span<UInt8>, _ range: Range<Int>, limit: Int, in earlier: DecodedLayer? = nil,
        to layer: inout DecodedLayer, by inflater: any Inflater
    ) -> Int {
        var start = range.lowerBound
        while start < range.upperBound, budget.remaining >= 0, !layer.isFull,
            let run = EncodedRun(in: text, startingIn: start..<range.upperBound, limit: limit)
        {
            start = run.next
            if run.isPlainNumber(in: text) { continue }
            if let earlier, earlier.isCopy(run.start..<run.end) { continue }
            if !run.isDecimal(in: text) {
                decode(run, .base64, of: text, to: &layer, by: inflater)
            }
            decode(run, .hexadecimal, of: text, to: &layer, by: inflater)
            var line = 1
            while budget.remaining >= 0, !layer.isFull, let inner = run.longRun(from: &line) {
                decode(inner, .base64, of: text, to: &layer, by: inflater)
                decode(inner, .hexadecimal, of: text, to: &layer, by: inflater)
            }
        }
        return max(start, range.upperBound)
    }

    private mutating func unpack(
        _ packed: DecodedLayer.Packed, to layer: inout DecodedLayer, by inflater: any Inflater
    ) {
        let limits = budget.limits
        let ratio = max(ViewLimits.freeBytes, ViewLimits.ratio * packed.bytes.count)
        let most = min(limits.partBytes, ratio, max(0, budget.remaining))
        room.removeAll(keepingCapacity: true)
        let end = inflater.inflate(packed.bytes.span, packed.form, most: most, to: &room)
        if end == .full {
            if most == ratio { budget.exceedOther() } else { budget.exceedBytes() }
        }
        layer.append(room, from: packed.position..<packed.position + 1)
        layer.endPart()
        charge(made: room.count)
    }

    /// Unpacks data that are in a part as they are, for instance after percent escapes.
    private mutating func unpackRaw(
        _ text: Span<UInt8>, _ part: Range<Int>, to layer: inout DecodedLayer,
        by inflater: any Inflater
    ) {
        var start = part.lowerBound
        while budget.remaining >= 0 {
            start = text.first(0x1f, or: 0x78, in: start..<part.upperBound)
            guard start + 2 < part.upperBound else { return }
            if let form = Self.rawForm(text, start) {
                unpackRaw(form, text, start..<part.upperBound, to: &layer, by: inflater)
            }
            start += 1
        }
    }

    /// Unpacks data that may begin where a part does. The first bytes are tried before all are read: a header is
    /// possible at each byte.
    private mutating func unpackRaw(
        _ form: PackedForm, _ text: Span<UInt8>, _ part: Range<Int>, to layer: inout DecodedLayer,
        by inflater: any Inflater
    ) {
        let head = part.lowerBound..<min(part.upperBound, part.lowerBound + Self.headBytes)
        let isCut = head.upperBound < part.upperBound
        guard budget.take(max(ViewLimits.probeCost, head.count)) else { return }
        room.removeAll(keepingCapacity: true)
        let tried = inflater.inflate(
            text.extracting(head), form, most: Self.trialBytes, to: &room)
        let goesOn = tried == .full || isCut && tried == .cut
        guard goesOn else {
            return keep(room, of: head, if: isData(tried, room.count, isCut: false), to: &layer)
        }
        // All bytes are read, whatever becomes of them.
        guard budget.take(room.count + part.count) else { return }
        let most = min(budget.limits.partBytes, budget.remaining)
        guard most > 0 else { return budget.exceedBytes() }
        let ratio = max(ViewLimits.freeBytes, ViewLimits.ratio * part.count)
        room.removeAll(keepingCapacity: true)
        let end = inflater.inflate(text.extracting(part), form, most: min(most, ratio), to: &room)
        let isKept = isData(end, room.count, isCut: false)
        if isKept, end == .full {
            if ratio < most { budget.exceedOther() } else { budget.exceedBytes() }
        }
        keep(room, of: part, if: isKept, to: &layer)
    }

    /// Charges what was unpacked, and makes it a part of the layer if it is data.
    private mutating func keep(
        _ unpacked: [UInt8], of source: Range<Int>, if isData: Bool, to layer: inout DecodedLayer
    ) {
        guard isData else {
            _ = budget.take(unpacked.count)
            return
        }
        layer.append(unpacked, from: source)
        layer.endPart()
        charge(made: unpacked.count)
    }

    /// Returns the format whose header begins at an offset, as common programs write it.
    private static func rawForm(_ text: Span<UInt8>, _ start: Int) -> PackedForm? {
        switch text[start] {
        case 0x1f: return text[start + 1] == 0x8b && text[start + 2] == 8 ? .gzip : nil
        case 0x78:
            let flags = text[start + 1]
            return flags == 0x01 || flags == 0x9c || flags == 0xda ? .zlib : nil
        default: return nil
        }
    }

    /// Returns false for bytes that only look like data.
    ///
    /// - Parameters:
    ///   - count: the bytes that were unpacked.
    ///   - isCut: true if only the first bytes were tried.
    func isData(_ end: InflateEnd, _ count: Int, isCut: Bool) -> Bool {
        switch end {
        case .whole, .full: count >= BrokeredValues.lengths.lowerBound
        case .cut: isCut || count >= BrokeredValues.lengths.lowerBound
        case .broken: count >= 2 * BrokeredValues.lengths.lowerBound
        }
    }

    /// Returns true if a layer has data to unpack, a run with a stretch of text, or an escape of a character that no
    /// encoder needs to escape.
    private func hasEncoding(_ layer: DecodedLayer) -> Bool {
        if layer.packed.contains(where: { $0.form != .deflate }) { return true }
        let text = layer.bytes.span
        for part in layer.parts {
            var start = part.lowerBound
            while let run = EncodedRun(
                in: text, startingIn: start..<part.upperBound, limit: part.upperBound)
            {
                start = run.next
                if layer.isCopy(run.start..<run.end) { continue }
                if hasText(run, .base64, of: text) || hasText(run, .hexadecimal, of: text) {
                    return true
                }
            }
            var index = text.firstEdit(in: part)
            while index < part.upperBound {
                if let escape = TextEscape(in: text, at: index, end: part.upperBound),
                    escape.isNeedless, !layer.isCopy(index..<index + escape.length)
                {
                    return true
                }
                index = text.firstEdit(in: index + 1..<part.upperBound)
            }
        }
        // Other headers are too short: other bytes look like them.
        var index = text.first(0x1f, or: 0x1f, in: 0..<text.count)
        while index + 2 < text.count {
            if Self.rawForm(text, index) == .gzip { return true }
            index = text.first(0x1f, or: 0x1f, in: index + 1..<text.count)
        }
        return false
    }
}
