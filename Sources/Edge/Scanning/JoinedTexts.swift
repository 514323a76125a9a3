import InterlockPorts
import InterlockSafety

/// Texts as the lines of one document: a value over several of them is found, such as a key whose lines are a list.
struct JoinedTexts {
    private(set) var bytes: [UInt8] = []
    /// The offset of each text that was joined.
    private var starts: [Int] = []
    private let texts: [String]

    /// Joins all texts.
    init(_ texts: [String]) {
        self.init(joining: texts)
        join(upTo: .max)
    }

    /// Begins a document without any of the texts.
    init(joining texts: [String]) {
        self.texts = texts
        bytes.reserveCapacity(texts.reduce(0) { $0 + $1.utf8.count + 1 })
        starts.reserveCapacity(texts.count)
    }

    /// True if all texts are joined.
    var isWhole: Bool { starts.count == texts.count }

    /// Joins further texts, each whole, until there are `count` bytes or no texts are left.
    mutating func join(upTo count: Int) {
        while bytes.count < count, starts.count < texts.count {
            let text = texts[starts.count]
            starts.append(bytes.count)
            bytes += text.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    /// - Parameter findings: those in `bytes`, of all texts.
    func inspection(of findings: SecretFindings) -> ResultInspection {
        let marks = marks(of: findings)
        guard findings.blocking > 0 else {
            return findings.marked > 0 ? .marked(marks) : .clean
        }
        let blocking = findings.sorted.filter { $0.strength == .block }
        var found: [ResultFinding] = []
        // One end for each class: a policy may accept one class where another is in the same part.
        var ends: [SecretClass: Int] = [:]
        // All texts count as found if there are more findings than are kept.
        let isKept = findings.blocking == blocking.count
        for finding in blocking.withoutCardsInAccounts(of: bytes.span) {
            // A text that was withheld already needs no search of its own: keys in a key cost a search each.
            let end = ends[finding.secretClass] ?? 0
            if isKept, Int(finding.offset) + finding.length <= end, finding.planted == nil {
                continue
            }
            let extent = isKept ? SecretExtent(of: finding, in: bytes.span) : .everything
            let place = place(of: extent)
            // Two rules can know one number by different words.
            if finding.secretClass == .card, place != .everywhere,
                found.contains(where: { $0.secretClass == .card && $0.extent == place })
            {
                continue
            }
            let shown = isKept || finding.isDistinct ? finding : blocking.foremost ?? finding
            found.append(
                ResultFinding(
                    rule: shown.rule, secretClass: shown.secretClass, extent: place,
                    planted: shown.planted, isDistinct: shown.isDistinct))
            guard case .part(let range) = extent, place != .everywhere else { break }
            // A card's number may be in a later member than its word, and what is between is no part of it.
            if range.lowerBound <= Int(finding.offset) + finding.length {
                ends[finding.secretClass] = max(end, range.upperBound)
            }
        }
        // Findings that are not listed may be of each class; one that denies nothing at its place must not hide the others.
        if !isKept {
            for secretClass in findings.blocked.classes where secretClass != .canary {
                if found.contains(where: { $0.secretClass == secretClass }) { continue }
                found.append(blocking.everywhere(secretClass))
            }
        }
        // A canary after the last finding that was taken, so that its alert is raised whatever is before it.
        if !found.contains(where: { $0.planted != nil }),
            let canary = blocking.first(where: { $0.planted != nil })
        {
            found.append(
                ResultFinding(
                    rule: canary.rule, secretClass: canary.secretClass, extent: .everywhere,
                    planted: canary.planted))
        }
        return .found(found, marks: marks)
    }

    /// - Parameter findings: those in `bytes`, of all texts.
    private func marks(of findings: SecretFindings) -> MarkedValues {
        guard findings.marked > 0 else { return [:] }
        let places = findings.sorted.filter { $0.strength == .mark }.map { finding in
            ResultFinding(
                rule: finding.rule, secretClass: finding.secretClass,
                extent: place(of: SecretExtent(of: finding, in: bytes.span)))
        }
        return MarkedValues(findings.marks, places: places)
    }

    func place(of extent: SecretExtent) -> ResultFinding.Extent {
        guard case .part(let range) = extent, let text = text(at: range.lowerBound) else {
            return .everywhere
        }
        let start = starts[text]
        let next = text + 1 < starts.count ? starts[text + 1] : bytes.count
        // The line feed after a text is no part of it, but may be one of a match.
        guard range.upperBound <= next else { return .everywhere }
        let end = min(range.upperBound, next - 1)
        return .part(
            text: text, bytes: range.lowerBound - start..<max(range.lowerBound, end) - start)
    }

    /// Returns the index of the text that has the byte.
    private func text(at offset: Int) -> Int? {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }
}

extension [SecretFinding] {
    /// A finding of a class that takes all texts; by the rule of the first one that is kept.
    func everywhere(_ secretClass: SecretClass) -> ResultFinding {
        let ofClass = filter { $0.secretClass == secretClass }.foremost
        return ResultFinding(
            rule: ofClass?.rule ?? RuleID(secretClass.rawValue) ?? .undecodable,
            secretClass: secretClass, extent: .everywhere,
            isDistinct: ofClass?.isDistinct ?? false)
    }
}
