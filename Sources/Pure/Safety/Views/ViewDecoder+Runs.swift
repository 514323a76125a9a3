extension ViewDecoder {
    /// The bytes of data that are unpacked on trial, and the most that they may become.
    static let headBytes = 512
    static let trialBytes = 1024
    /// The fewest bytes that are taken for data. Of seven, two are a header of zlib, and five have four letters at most:
    /// no value of eight bytes that is looked for has so few.
    static let leastPackedBytes = 8
    private static let gzipMagic: UInt64 = 0x1f8b08

    /// Decodes a run at each alignment: whatever digits are before an encoded value, one of the alignments has it. Only
    /// stretches of text are kept, and data that can be unpacked: most bytes of a picture are neither.
    mutating func decode(
        _ run: EncodedRun, _ digits: RunDigits, of text: Span<UInt8>, to layer: inout DecodedLayer,
        by inflater: any Inflater
    ) {
        // The optimizer makes one loop for each, with the numbers of its digits in it.
        switch digits {
        case .base64: decodeDigits(run, .base64, of: text, to: &layer, by: inflater)
        case .hexadecimal: decodeDigits(run, .hexadecimal, of: text, to: &layer, by: inflater)
        }
    }

    @inline(__always)
    private mutating func decodeDigits(
        _ run: EncodedRun, _ digits: RunDigits, of text: Span<UInt8>, to layer: inout DecodedLayer,
        by inflater: any Inflater
    ) {
        let table = digits.values
        let values = table.span
        let classTable = ByteClass.all
        let classes = classTable.span
        let (count, classCount) = (values.count, classes.count)
        precondition(count == 256 && classCount == 256)
        let (bits, group) = (digits.bits, digits.group)
        var lanes = TextLanes()
        var window: UInt64 = 0
        // The first digit after the last character that is not a digit.
        var first = 0
        var kept = 0
        var cases: UInt8 = 0
        // Data can begin with a line, if what is before them is no run for itself.
        var begin = 0
        var index = 0
        // The end of the digits that are read one by one, since something begins or ends with them.
        var singly = 0
        for line in 0..<run.lines {
            let range = run.line(line)
            if line > 0, run.line(line - 1).count < EncodedRun.shortest { begin = index }
            var offset = range.lowerBound
            while offset < range.upperBound {
                // The digits with which data without a header can begin are behind.
                if bits == 6, cases == 3, offset >= singly, range.upperBound - offset >= 8,
                    index - max(first, begin) >= digits.deflateDigits
                {
                    let groups = SteadyDigits.groups(
                        in: text, offset..<range.upperBound, &window,
                        texts: lanes.texts(from: index + 1 - first))
                    lanes.extend(by: groups)
                    index += groups * group
                    offset += groups * group
                    singly = offset + group
                    continue
                }
                let value = values[Int(text[offset])]
                offset += 1
                guard value != ByteClass.none else {
                    if index - first >= digits.leastGroups * group {
                        kept += keep(&lanes, first..<index, run, digits, of: text, to: &layer)
                    } else if index - first >= group {
                        // No lane has so many groups as are kept.
                        lanes = TextLanes()
                    }
                    // Fewer digits between others are neither data nor text.
                    let next = text.hexDigits(in: offset..<range.upperBound)
                    index += 1 + next - offset
                    offset = next
                    (first, window) = (index, 0)
                    continue
                }
                let place = index
                index += 1
                window = window << UInt64(bits) | UInt64(value)
                if bits == 6, cases != 3 { cases |= value < 26 ? 1 : value < 52 ? 2 : 0 }
                let known = index - first
                guard known >= group else { continue }
                // Each alignment of the beginning once, and the usual headers anywhere: the first four digits are the
                // last ones of the window.
                if Self.isZlibHeader(window, bits), known >= 4,
                    known < 4 + group || place - begin == 3 || Self.isUsualHeader(window, bits)
                {
                    offer(
                        .zlib, run, digits, from: place - 3, skipping: 0, of: text, to: &layer,
                        by: inflater)
                }
                let isStart = known == digits.deflateDigits && !lanes.isText(0, since: first)
                let isLineStart =
                    known > digits.deflateDigits && index - begin == digits.deflateDigits
                if isStart || isLineStart, cases == 3 || bits == 4 {
                    offer(
                        .deflate, run, digits, from: index - digits.deflateDigits, skipping: 0,
                        of: text, to: &layer, by: inflater)
                }
                if let bit = Self.magicBit(window, known: known, bits) {
                    offer(
                        .gzip, run, digits, from: first + bit / bits, skipping: bit % bits,
                        of: text, to: &layer, by: inflater)
                }
                let lane = known & (group - 1)
                var flags = classes[Int(truncatingIfNeeded: window & 0xff)]
                if bits == 6 {
                    flags &= classes[Int(truncatingIfNeeded: window >> 8 & 0xff)]
                    flags &= classes[Int(truncatingIfNeeded: window >> 16 & 0xff)]
                }
                if flags & ByteClass.ofText != 0 {
                    lanes.add(lane, from: index - group)
                } else if let stretch = lanes.end(lane) {
                    if stretch.groups >= digits.leastGroups {
                        kept += keep(stretch, first..<index, run, digits, of: text, to: &layer)
                    }
                    guard kept <= budget.limits.partBytes, !layer.isFull else {
                        return budget.exceedBytes()
                    }
                }
            }
        }
        kept += keep(&lanes, first..<run.count, run, digits, of: text, to: &layer)
        if kept > budget.limits.partBytes { budget.exceedBytes() }
    }

    /// Returns the first bit of the magic number of gzip, counted from the first known digit, if the window ends with it or
    /// a byte or two after it. So each offset of bytes at each alignment is tried once.
    @inline(__always)
    private static func magicBit(_ window: UInt64, known: Int, _ bits: Int) -> Int? {
        var shift = 0
        if window & 0xff_ffff != gzipMagic {
            guard bits == 6 else { return nil }
            if window >> 8 & 0xff_ffff == gzipMagic {
                shift = 8
            } else if window >> 16 & 0xff_ffff == gzipMagic {
                shift = 16
            } else {
                return nil
            }
        }
        let bit = known * bits - shift - 24
        return bit >= 0 ? bit : nil
    }

    /// Keeps the current stretch of each lane.
    ///
    /// - Parameter known: the digits that have bytes of the stretches, and one group around them.
    /// - Returns: the number of decoded bytes.
    private mutating func keep(
        _ lanes: inout TextLanes, _ known: Range<Int>, _ run: EncodedRun, _ digits: RunDigits,
        of text: Span<UInt8>, to layer: inout DecodedLayer
    ) -> Int {
        var count = 0
        for lane in 0..<digits.group {
            guard let stretch = lanes.end(lane), count <= budget.limits.partBytes else { continue }
            count += keep(stretch, known, run, digits, of: text, to: &layer)
        }
        return count
    }

    private mutating func keep(
        _ stretch: (start: Int, groups: Int), _ known: Range<Int>, _ run: EncodedRun,
        _ digits: RunDigits, of text: Span<UInt8>, to layer: inout DecodedLayer
    ) -> Int {
        guard stretch.groups >= digits.leastGroups else { return 0 }
        let group = digits.group
        // A group that is no text has bytes of it, too.
        let start =
            stretch.start - group >= known.lowerBound ? stretch.start - group : stretch.start
        var end = min(known.upperBound, stretch.start + (stretch.groups + 1) * group)
        let most = min(budget.limits.partBytes, max(0, budget.remaining)) * 8 / digits.bits
        if end - start > most {
            budget.exceedBytes()
            end = start + most
        }
        guard run.hasLines else {
            // Long stretches are decoded where they stay.
            let count = layer.append(from: run.extent(of: start..<end, in: text)) { bytes in
                Self.decode(run, digits, start..<end, skipping: 0, of: text, to: &bytes)
            }
            layer.endPart()
            charge(made: count)
            return count
        }
        fillRoom(run, digits, start..<end, skipping: 0, of: text)
        // The groups around the stretch may be other words on lines of their own: a value that has none of their bytes
        // leaves them.
        let leadEnd = min(end, stretch.start)
        let bodyEnd = max(leadEnd, min(end, stretch.start + stretch.groups * group))
        let lead = min(room.count, (leadEnd - start) * digits.bits / 8)
        let body = min(room.count, (bodyEnd - start) * digits.bits / 8)
        for (bytes, source) in [
            (0..<lead, start..<leadEnd), (lead..<body, leadEnd..<bodyEnd),
            (body..<room.count, bodyEnd..<end),
        ] where !bytes.isEmpty {
            layer.append(Array(room[bytes]), from: run.extent(of: source, in: text))
        }
        layer.endPart()
        charge(made: room.count)
        return room.count
    }

    /// Decodes digits to `room`, up to the first character that is not a digit.
    private mutating func fillRoom(
        _ run: EncodedRun, _ digits: RunDigits, _ range: Range<Int>, skipping skipped: Int,
        of text: Span<UInt8>
    ) {
        room.removeAll(keepingCapacity: true)
        Self.decode(run, digits, range, skipping: skipped, of: text, to: &room)
    }

    /// Returns true if the digits of a window begin with a header of zlib.
    ///
    /// - Parameter window: the last digits, of which the last four count.
    @inline(__always)
    static func isZlibHeader(_ window: UInt64, _ bits: Int) -> Bool {
        let bytes = bits == 6 ? window >> 8 & 0xffff : window & 0xffff
        // RFC 1950, section 2.2: the method 8, a window that is not too large, no dictionary, and a check.
        return bytes & 0x8f20 == 0x0800 && bytes % 31 == 0
    }

    /// Returns true for the headers that common programs write.
    private static func isUsualHeader(_ window: UInt64, _ bits: Int) -> Bool {
        switch bits == 6 ? window >> 8 & 0xffff : window & 0xffff {
        case 0x7801, 0x785e, 0x789c, 0x78da: true
        default: false
        }
    }

    /// Keeps data that can be unpacked, as the first bytes show.
    private mutating func offer(
        _ form: PackedForm, _ run: EncodedRun, _ digits: RunDigits, from digit: Int,
        skipping bits: Int, of text: Span<UInt8>, to layer: inout DecodedLayer,
        by inflater: any Inflater
    ) {
        guard budget.remaining >= 0 else { return }
        if form == .deflate {
            // Most runs begin with no block, and are left before more of them is decoded.
            fillRoom(run, digits, digit..<min(run.count, digit + 12), skipping: 0, of: text)
            guard Self.isBlock(room) else { return }
        }
        let head = digit..<min(run.count, digit + Self.headBytes * 8 / digits.bits)
        fillRoom(run, digits, head, skipping: bits, of: text)
        guard room.count >= Self.leastPackedBytes else { return }
        guard budget.take(max(ViewLimits.probeCost, room.count)) else { return }
        // The span of `room` is a use of all of the decoder, so the output is a variable of its own.
        var output: [UInt8] = []
        swap(&output, &trial)
        output.removeAll(keepingCapacity: true)
        let end = inflater.inflate(room.span, form, most: Self.trialBytes, to: &output)
        swap(&output, &trial)
        guard budget.take(trial.count) else { return }
        let isCut = head.upperBound < run.count
        guard isData(end, trial.count, isCut: isCut && form != .deflate) else { return }
        var used = head
        // The end of data that are whole or broken is in the head.
        if isCut, end == .full || end == .cut {
            used = digit..<run.count
            let most = budget.limits.partBytes * 8 / digits.bits
            if used.count > most {
                budget.exceedBytes()
                used = digit..<digit + most
            }
            fillRoom(run, digits, used, skipping: bits, of: text)
        }
        guard budget.take(room.count) else { return }
        layer.add(form, room, from: run.extent(of: used, in: text))
    }

    /// Returns false if no block of RFC 1951 begins with these bytes.
    private static func isBlock(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 5 else { return false }
        switch bytes[0] >> 1 & 3 {
        case 0: return bytes[1] == ~bytes[3] && bytes[2] == ~bytes[4]
        case 1: return true
        case 2: return bytes[0] >> 3 <= 29
        default: return false
        }
    }

    /// Returns true if a run has a stretch of text, at any alignment and between any other bytes. Decimal digits alone are
    /// no text: numbers look like it.
    func hasText(_ run: EncodedRun, _ digits: RunDigits, of text: Span<UInt8>) -> Bool {
        let (bits, group) = (digits.bits, digits.group)
        let least = Self.textBits / (group * bits)
        let table = digits.values
        let values = table.span
        var offsets = run.offsets(from: 0)
        var lanes = TextLanes()
        var (window, known, letter) = (UInt64(0), 0, -1)
        for index in 0..<run.count {
            let value = values[Int(text[offsets.take()])]
            guard value != ByteClass.none else {
                (lanes, known) = (TextLanes(), 0)
                continue
            }
            if bits == 6 || value > 9 { letter = index }
            window = window << UInt64(bits) | UInt64(value)
            known += 1
            guard known >= group else { continue }
            let lane = known & (group - 1)
            guard Self.isText(window, bits) else {
                _ = lanes.end(lane)
                continue
            }
            lanes.add(lane, from: index + 1 - group)
            if lanes.hasText(lane, of: least, with: letter) { return true }
        }
        return false
    }

    /// The bits of the fewest bytes of text, eighteen, that show an encoding.
    private static let textBits = 144

    /// Returns true if the last group of a window is text.
    private static func isText(_ window: UInt64, _ bits: Int) -> Bool {
        var flags = ByteClass.all[Int(truncatingIfNeeded: window & 0xff)]
        if bits == 6 {
            flags &= ByteClass.all[Int(truncatingIfNeeded: window >> 8 & 0xff)]
            flags &= ByteClass.all[Int(truncatingIfNeeded: window >> 16 & 0xff)]
        }
        return flags & ByteClass.ofText != 0
    }
}
