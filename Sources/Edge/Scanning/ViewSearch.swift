import InterlockSafety

/// Searches the decoded views of a text, a window of it at a time.
///
/// INVARIANT: a finding has the bytes of the text of which its view was made: a whole encoded run, or what the escapes and
/// characters of the value are there. Kept by `ViewSearchTests`, `ViewEvasionTests`.
struct ViewSearch: Sendable {
    /// The bytes of a window. A run that begins in it is decoded whole.
    static let windowBytes = PartedSearch.partBytes

    /// A value in a view.
    struct Finding: Sendable {
        /// The finding in the view.
        let found: SecretFinding
        /// Its part of the text.
        let extent: SecretExtent
    }

    /// A layer that is searched, a block of it at a time.
    private struct OpenLayer: Sendable {
        let layer: DecodedLayer
        /// The layer of which it was made; nil if it was made of the text.
        let earlier: DecodedLayer?
        /// The bytes that the scanner has.
        var taken = 0
    }

    private var decoder: ViewDecoder
    /// The start of the next window.
    private var position = 0
    private var current: OpenLayer?
    /// A layer that was searched and is not decoded whole, with the number of the packed data that are next.
    private var rest: (layer: DecodedLayer, next: Int)?
    private var words = WordEnds()
    /// The findings, each part of the text once for each rule.
    private(set) var findings: [Finding] = []

    init(_ limits: ViewLimits) { decoder = ViewDecoder(limits) }

    /// True if a part of the text was not decoded.
    var isUndecodable: Bool { decoder.isUndecodable }
    /// True if the decoded bytes are more than the limits allow.
    var isOverBytes: Bool { decoder.isOverBytes }

    /// Decodes the next window or a part of its second layer, or searches the next block of a layer.
    ///
    /// - Parameter scanner: one that searches no other text until there are no more.
    /// - Returns: true if there are no more, or the limits are reached.
    mutating func next(
        in text: Span<UInt8>, by scanner: SecretScanner, _ inflater: any Inflater
    ) throws(ScanFailure) -> Bool {
        if let layer = current {
            guard let found = try searchBlock(of: layer, by: scanner) else { return false }
            current = nil
            add(found, in: layer.layer, madeOf: layer.earlier, of: text)
            if layer.earlier == nil { rest = (layer.layer, 0) }
            return rest == nil && isEnded(text)
        }
        if let (layer, next) = rest {
            // Data are unpacked in steps too, between which the thread looks at its time.
            let second = decoder.layer(
                of: layer, from: next, step: Self.windowBytes, by: inflater)
            decoder.end(with: second.layer)
            rest = decoder.isOverBytes ? nil : second.next.map { (layer, $0) }
            guard !second.layer.isEmpty else { return rest == nil && isEnded(text) }
            begin(OpenLayer(layer: second.layer, earlier: layer), by: scanner)
            return false
        }
        guard position < text.count else { return true }
        let window = position..<min(text.count, position + Self.windowBytes)
        let (first, end) = decoder.layer(of: text, startingIn: window, by: inflater)
        position = end
        guard !first.isEmpty else { return isEnded(text) }
        begin(OpenLayer(layer: first, earlier: nil), by: scanner)
        return false
    }

    private func isEnded(_ text: Span<UInt8>) -> Bool {
        position >= text.count || decoder.isOverBytes
    }

    private mutating func begin(_ layer: OpenLayer, by scanner: SecretScanner) {
        scanner.begin()
        current = layer
    }

    /// - Returns: nil if the layer has more blocks.
    private mutating func searchBlock(
        of layer: OpenLayer, by scanner: SecretScanner
    ) throws(ScanFailure) -> SecretFindings? {
        let bytes = layer.layer.bytes
        let start = layer.taken
        let end = min(bytes.count, start + Self.windowBytes)
        try scanner.take(bytes.span.extracting(start..<end))
        current?.taken = end
        // The scanner searches a block when it has the bytes behind it, so the last block is a part of its own.
        guard end == bytes.count, start == 0 || start == end else { return nil }
        return try scanner.finish()
    }

    /// - Parameter earlier: the layer of which this one was made; nil if it was made of the text.
    private mutating func add(
        _ found: SecretFindings, in layer: DecodedLayer, madeOf earlier: DecodedLayer?,
        of text: Span<UInt8>
    ) {
        guard found.blocking > 0 else { return }
        let blocking = found.sorted.filter { $0.strength == .block }
        // All of the text counts as found if there are more findings than are kept.
        guard found.blocking == blocking.count else {
            return addEverything(blocking.foremost, blocking, of: found.blocked)
        }
        let bytes = layer.bytes
        var layerWords = WordEnds()
        var last = 0..<0
        var lastClass: SecretClass?
        for finding in blocking {
            // A policy may accept one class where another is in the same part.
            let isWithin =
                finding.secretClass == lastClass
                && Int(finding.offset) + finding.length <= last.upperBound
            // A value that goes already needs no search for its end.
            if isWithin, finding.planted == nil { continue }
            let isWhole = finding.length < BrokeredValues.lengths.upperBound
            let extent =
                isWithin && isWhole ? .part(last) : SecretExtent(of: finding, in: bytes.span)
            // Nothing that follows takes more than all of the text.
            guard case .part(let range) = extent else {
                return addEverything(finding, blocking, of: found.blocked)
            }
            // A card's number may be behind its word, and what is between is no part of it.
            let isAtMatch = range.lowerBound <= Int(finding.offset) + finding.length
            if isAtMatch,
                range.upperBound >= last.upperBound || finding.secretClass != lastClass
            {
                (last, lastClass) = (range, finding.secretClass)
            }
            var part = layer.source(of: range)
            var isEnd = layer.isEndOfPart(range.upperBound)
            if let earlier {
                let bytes = earlier.bytes
                if isEnd { part = layerWords.extending(part, in: bytes.span) }
                isEnd = earlier.isEndOfPart(part.upperBound)
                part = earlier.source(of: part)
            }
            // The word continues in the text behind what was decoded around an edit.
            if isEnd { part = words.extending(part, in: text) }
            add(finding, .part(part))
        }
    }

    /// Adds a finding that takes all of the text, with a canary and a value of the broker that stop the run, whatever else is
    /// there.
    ///
    /// - Parameter classes: those of all findings, also of those that are not kept.
    private mutating func addEverything(
        _ finding: SecretFinding?, _ blocking: [SecretFinding], of classes: SecretClassSet
    ) {
        if let finding { add(finding, .everything) }
        // A class that denies nothing at its place must not hide the others.
        for secretClass in classes.classes where secretClass != .canary {
            let known = blocking.first { $0.secretClass == secretClass }
            add(
                known
                    ?? SecretFinding(
                        rule: RuleID(secretClass.rawValue) ?? .undecodable,
                        secretClass: secretClass, strength: .block, offset: 0, length: 0, line: 1,
                        isDistinct: false), .everything)
        }
        if let planted = blocking.first(where: { $0.planted != nil }) { add(planted, .everything) }
        let brokered = blocking.first { $0.secretClass == .brokered && $0.isDistinct }
        if let brokered { add(brokered, .everything) }
    }

    private mutating func add(_ finding: SecretFinding, _ extent: SecretExtent) {
        // Several alignments and layers can have the same value.
        let isKnown = findings.contains {
            $0.found.rule == finding.rule && $0.found.planted == finding.planted
                && $0.extent.contains(extent) && ($0.found.isDistinct || !finding.isDistinct)
        }
        // All of the text counts as found beyond the limit, by each class.
        let hasRoom =
            findings.count <= ResultSearch.mostFindings
            || !findings.contains {
                $0.found.secretClass == finding.secretClass
                    && ($0.found.isDistinct || !finding.isDistinct)
            }
        guard !isKnown, hasRoom || finding.planted != nil else { return }
        findings.append(Finding(found: finding, extent: extent))
    }
}

extension SecretExtent {
    /// Returns true if all bytes of the other are of this one.
    fileprivate func contains(_ other: SecretExtent) -> Bool {
        guard case .part(let range) = self else { return true }
        guard case .part(let part) = other else { return false }
        return range.lowerBound <= part.lowerBound && part.upperBound <= range.upperBound
    }
}
