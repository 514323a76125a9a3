/// The literal texts of a pattern: each match has one of them whole, at a bounded distance from its start.
///
/// A multi-pattern search for texts compiles in a tenth of the time that the patterns themselves take.
package struct RuleCandidates: Hashable, Sendable {
    package struct Text: Hashable, Sendable {
        package let bytes: [UInt8]
        package let ignoresCase: Bool
    }

    /// The most texts of one pattern.
    static let mostTexts = 32
    /// The shortest text, in bytes: a shorter one is in every file.
    static let shortestText = 3
    /// The bytes of a text past which a longer one finds no less.
    private static let distinctive = 8
    /// The largest set of bytes that is written out.
    private static let mostMembers = 8

    /// Is empty if the pattern has no such texts, and is itself what is searched for.
    package let texts: [Text]
    /// The distances from the start of a match to the end of a candidate in it, in bytes.
    package let reach: ClosedRange<Int>
    /// The bytes of the shortest text.
    private let shortest: Int

    package init(of node: PatternNode) {
        self = Self.best(of: node) ?? RuleCandidates(wholeOf: node)
    }

    /// Searches for the pattern itself: where its texts are frequent in text that has no match.
    package init(wholeOf node: PatternNode) { self.init([], reach: node.lengths, shortest: 0) }

    private init(_ texts: [Text], reach: ClosedRange<Int>, shortest: Int) {
        (self.texts, self.reach, self.shortest) = (texts, reach, shortest)
    }

    /// Returns the most distinctive run of parts whose texts are few, or nil if none is.
    private static func best(of node: PatternNode) -> RuleCandidates? {
        var parts = [node]
        if case .sequence(let inner) = node { parts = inner }
        let known = parts.map(written)
        var best: RuleCandidates?
        var before = 0...0
        for (index, first) in parts.enumerated() {
            var run = [Text(bytes: [], ignoresCase: false)]
            for next in known[index...] {
                guard let next, let longer = product(run, next) else { break }
                run = longer
                guard let lengths = lengths(of: run) else { break }
                let found = RuleCandidates(run, reach: lengths, shortest: lengths.lowerBound)
                best = better(best, found.shifted(by: before))
            }
            best = better(best, inside(first)?.shifted(by: before))
            before = before.adding(first.lengths)
        }
        return best
    }

    /// Returns the texts of a part that is not written out as a whole.
    private static func inside(_ part: PatternNode) -> RuleCandidates? {
        switch part {
        case .boundary, .bytes: return nil
        case .sequence: return best(of: part)
        case .repeated(let repeated, let counts):
            // The first of several is in each match.
            return counts.lowerBound > 0 ? best(of: repeated) : nil
        case .either(let parts):
            var texts: [Text] = []
            var reach: ClosedRange<Int>?
            var shortest = Int.max
            for part in parts {
                guard let found = best(of: part), let both = union(texts, found.texts) else {
                    return nil
                }
                texts = both
                reach = reach?.covering(found.reach) ?? found.reach
                shortest = min(shortest, found.shortest)
            }
            guard let reach else { return nil }
            return RuleCandidates(texts, reach: reach, shortest: shortest)
        }
    }

    private func shifted(by before: ClosedRange<Int>) -> RuleCandidates {
        RuleCandidates(texts, reach: reach.adding(before), shortest: shortest)
    }

    private static func better(_ old: RuleCandidates?, _ new: RuleCandidates?) -> RuleCandidates? {
        guard let new, new.shortest >= shortestText else { return old }
        guard let old else { return new }
        return (old.value, old.shortest) < (new.value, new.shortest) ? new : old
    }

    /// The lengths of texts in bytes; nil if there are none.
    private static func lengths(of texts: [Text]) -> ClosedRange<Int>? {
        guard let first = texts.first?.bytes.count else { return nil }
        return texts.dropFirst().reduce(first...first) { lengths, text in
            lengths.covering(text.bytes.count...text.bytes.count)
        }
    }

    /// Longer texts are rarer, and fewer texts are found faster.
    private var value: Int {
        min(shortest, Self.distinctive) * (Self.mostTexts / 4) - texts.count
    }

    /// Returns all that a part matches, or nil if that is too much.
    private static func written(_ part: PatternNode) -> [Text]? {
        let empty = Text(bytes: [], ignoresCase: false)
        switch part {
        case .boundary: return [empty]
        case .bytes(let set):
            guard set.count <= mostMembers else { return nil }
            let members = set.members
            if members.count == 2, members[0] | 0x20 == members[1], members[1] >= 0x61,
                members[1] <= 0x7a
            {
                return [Text(bytes: [members[1]], ignoresCase: true)]
            }
            return members.map { Text(bytes: [$0], ignoresCase: false) }
        case .sequence(let parts):
            var all: [Text]? = [empty]
            for part in parts {
                guard let known = all, let next = written(part) else { return nil }
                all = product(known, next)
            }
            return all
        case .either(let parts):
            var all: [Text] = []
            for part in parts {
                guard let texts = written(part), let both = union(all, texts) else { return nil }
                all = both
            }
            return all
        case .repeated(let part, let counts):
            guard counts.upperBound <= mostMembers, let once = written(part) else { return nil }
            var all: [Text] = counts.lowerBound == 0 ? [empty] : []
            var some = [empty]
            for count in 1...counts.upperBound {
                guard let more = product(some, once) else { return nil }
                some = more
                guard count >= counts.lowerBound else { continue }
                guard let both = union(all, some) else { return nil }
                all = both
            }
            return all
        }
    }

    /// Returns the texts of both, or nil if they are too many.
    private static func union(_ first: [Text], _ second: [Text]) -> [Text]? {
        first.count + second.count <= mostTexts ? first + second : nil
    }

    /// Returns each text of the first followed by each of the second.
    ///
    /// A text of which one part ignores case does so as a whole, so that it finds more.
    private static func product(_ first: [Text], _ second: [Text]) -> [Text]? {
        guard first.count * second.count <= mostTexts else { return nil }
        var all: [Text] = []
        all.reserveCapacity(first.count * second.count)
        for head in first {
            for tail in second {
                all.append(
                    Text(
                        bytes: head.bytes + tail.bytes,
                        ignoresCase: head.ignoresCase || tail.ignoresCase))
            }
        }
        return all
    }
}
