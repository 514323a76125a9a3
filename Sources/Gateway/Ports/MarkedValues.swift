package import InterlockSafety

/// Values in texts that are recorded and take nothing out of them.
package struct MarkedValues: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// Their numbers by class.
    package private(set) var counts: [SecretClass: Int]
    /// The places of the first ones, in the order of the document.
    package private(set) var places: [ResultFinding]

    package init(_ counts: [SecretClass: Int], places: [ResultFinding] = []) {
        (self.counts, self.places) = (counts, places)
    }

    /// Values whose places are not known.
    package init(dictionaryLiteral elements: (SecretClass, Int)...) {
        self.init(Dictionary(elements, uniquingKeysWith: +))
    }

    package var isEmpty: Bool { counts.isEmpty }

    package var classes: SecretClassSet { SecretClassSet(of: Array(counts.keys)) }

    /// The places of a class; one that takes all texts, if some are not known.
    package func places(of secretClass: SecretClass) -> [ResultFinding] {
        guard let count = counts[secretClass] else { return [] }
        let known = places.filter { $0.secretClass == secretClass }
        guard known.count < count else { return known }
        let rule = known.first?.rule ?? RuleID(secretClass.rawValue) ?? .undecodable
        return known + [
            ResultFinding(rule: rule, secretClass: secretClass, extent: .everywhere)
        ]
    }

    /// Adds a finding that blocks elsewhere.
    mutating func add(_ finding: ResultFinding) {
        counts[finding.secretClass, default: 0] += 1
        places.append(finding)
    }

    mutating func remove(_ secretClass: SecretClass) {
        counts[secretClass] = nil
        places.removeAll { $0.secretClass == secretClass }
    }
}

extension ResultInspection {
    /// Returns the same values with other consequences.
    ///
    /// - Parameters:
    ///   - raised: the classes whose marks must not stay in the texts.
    ///   - isLowered: true for a value that is recorded alone. One that is everywhere, so that its place is not known,
    ///     must be lowered by its class alone.
    package func weighed(
        raising raised: SecretClassSet = [], lowering isLowered: (ResultFinding) -> Bool
    ) -> ResultInspection {
        var found: [ResultFinding] = []
        var marks: MarkedValues = [:]
        switch self {
        case .clean, .undecodable, .failed: return self
        case .marked(let known, _): marks = known
        case .found(let findings, _, let known):
            found = findings
            marks = known
        }
        var kept: [ResultFinding] = []
        for secretClass in marks.classes.intersection(raised).classes {
            let places = marks.places(of: secretClass)
            guard !places.allSatisfy(isLowered) else { continue }
            marks.remove(secretClass)
            for place in places {
                if isLowered(place) { marks.add(place) } else { kept.append(place) }
            }
        }
        for finding in found {
            if isLowered(finding) { marks.add(finding) } else { kept.append(finding) }
        }
        guard kept.isEmpty else {
            return .found(kept, isUndecodable: isUndecodable, marks: marks)
        }
        guard marks.isEmpty else { return .marked(marks, isUndecodable: isUndecodable) }
        return isUndecodable ? .undecodable : .clean
    }
}
