import InterlockPorts
import InterlockSafety

extension JoinedTexts {
    /// - Parameters:
    ///   - findings: those in `bytes`, of all texts.
    ///   - views: a search of the views of all texts that has ended.
    func inspection(of findings: SecretFindings, _ views: ViewSearch) -> ResultInspection {
        let inspection = inspection(of: findings)
        var found: [ResultFinding] = []
        var marks: MarkedValues = [:]
        switch inspection {
        case .found(let known, _, let others):
            found = known
            marks = others
        case .marked(let known, _): marks = known
        case .clean, .undecodable: break
        case .failed: return inspection
        }
        guard !views.findings.isEmpty || !found.isEmpty else {
            guard !marks.isEmpty else { return views.isUndecodable ? .undecodable : .clean }
            return .marked(marks, isUndecodable: views.isUndecodable)
        }
        guard !views.findings.isEmpty else {
            return .found(found, isUndecodable: views.isUndecodable, marks: marks)
        }
        let known = found.count
        // More findings than are replaced one by one take all texts.
        let isKept = views.findings.count <= ResultSearch.mostFindings
        for finding in views.findings {
            let extent = isKept ? place(of: finding.extent) : .everywhere
            // A value that is near an escape, and has none itself, was found in the text, too.
            let isKnown = found[..<known].contains {
                $0.rule == finding.found.rule && $0.planted == finding.found.planted
                    && $0.extent.contains(extent)
                    && ($0.isDistinct || !finding.found.isDistinct)
            }
            if isKnown { continue }
            found.append(
                ResultFinding(
                    rule: finding.found.rule, secretClass: finding.found.secretClass,
                    extent: extent,
                    planted: finding.found.planted, isDistinct: finding.found.isDistinct))
        }
        return .found(
            found.sorted { $0.extent.start < $1.extent.start },
            isUndecodable: views.isUndecodable, marks: marks)
    }
}

extension ResultFinding.Extent {
    /// The text and the byte with which it begins, for an order.
    fileprivate var start: (Int, Int) {
        switch self {
        case .part(let text, let bytes): (text, bytes.lowerBound)
        case .everywhere: (.max, 0)
        }
    }

    /// Returns true if all bytes of the other are of this one.
    fileprivate func contains(_ other: Self) -> Bool {
        switch (self, other) {
        case (.everywhere, _): true
        case (.part, .everywhere): false
        case (.part(let text, let bytes), .part(let otherText, let otherBytes)):
            text == otherText && bytes.lowerBound <= otherBytes.lowerBound
                && otherBytes.upperBound <= bytes.upperBound
        }
    }
}
