import InterlockSafety

/// Searches the decoded views of a text, a window of it at a time.
///
/// INVARIANT: a finding has the bytes of the text of which its view was made: a whole encoded run, or what the escapes and
/// characters of the value are there. Kept by `ViewSearchTests`.
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

    private var decoder: ViewDecoder
    /// The start of the next window.
    private var position = 0
    /// The findings, each part of the text once for each rule.
    private(set) var findings: [Finding] = []

    init(_ limits: ViewLimits) { decoder = ViewDecoder(limits) }

    /// True if a part of the text was not decoded.
    var isUndecodable: Bool { decoder.isUndecodable }
    /// True if the decoded bytes are more than the limits allow.
    var isOverBytes: Bool { decoder.isOverBytes }

    /// Searches the views of the next window.
    ///
    /// - Parameter scanner: one that searches no other text in the call.
    /// - Returns: true if there are no more, or the limits are reached.
    mutating func next(
        in text: Span<UInt8>, by scanner: SecretScanner, _ inflater: any Inflater
    ) throws(ScanFailure) -> Bool {
        guard position < text.count else { return true }
        let window = position..<min(text.count, position + Self.windowBytes)
        let (first, end) = decoder.layer(of: text, startingIn: window, by: inflater)
        position = end
        if !first.isEmpty {
            try search(first, in: nil, by: scanner)
            let second = decoder.layer(of: first, by: inflater)
            if !second.isEmpty { try search(second, in: first, by: scanner) }
            decoder.end(with: second)
        }
        return position >= text.count || decoder.isOverBytes
    }

    /// - Parameter earlier: the layer of which this one was made; nil if it was made of the text.
    private mutating func search(
        _ layer: DecodedLayer, in earlier: DecodedLayer?, by scanner: SecretScanner
    ) throws(ScanFailure) {
        scanner.begin()
        let bytes = layer.bytes
        try scanner.take(bytes.span)
        let found = try scanner.finish()
        guard found.blocking > 0 else { return }
        let blocking = found.sorted.filter { $0.strength == .block }
        var end = 0
        for finding in blocking {
            // All of the text counts as found if there are more findings than are kept.
            guard found.blocking == blocking.count else {
                add(blocking.foremost ?? finding, .everything)
                return
            }
            // A value that goes already needs no search for its end.
            if Int(finding.offset) + finding.length <= end, finding.planted == nil { continue }
            switch SecretExtent(of: finding, in: bytes.span) {
            case .everything: add(finding, .everything)
            case .part(let range):
                end = max(end, range.upperBound)
                let part = layer.source(of: range)
                add(finding, .part(earlier?.source(of: part) ?? part))
            }
        }
    }

    private mutating func add(_ finding: SecretFinding, _ extent: SecretExtent) {
        // Several alignments and layers can have the same value.
        let isKnown = findings.contains {
            $0.found.rule == finding.rule && $0.found.planted == finding.planted
                && $0.extent.contains(extent) && ($0.found.isDistinct || !finding.isDistinct)
        }
        let hasRoom = findings.count <= ResultSearch.mostFindings
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
